#include "pellucid/border/describe.hpp"

#include <cmath>

namespace pellucid {

namespace {

void write_param(Writer& out, const ParamCard& param) {
    out.begin_object();
    out.field("name", param.name);
    out.field("type", std::string_view(to_string(param.type)));
    out.field("role", std::string_view(to_string(param.role)));
    out.key("default");
    write(out, param.fallback);
    const auto limit = [&](std::string_view name, double value) {
        out.key(name);
        std::isfinite(value) ? out.number(value) : out.nothing();
    };
    limit("min", param.min);
    limit("max", param.max);
    if (!param.choices.empty()) out.list("choices", param.choices);
    if (!param.unit.empty()) out.field("unit", param.unit);
    if (!param.formerly.empty()) out.field("formerly", param.formerly);
    if (!param.help.empty()) out.field("help", std::string_view(param.help));
    out.field("advanced", param.advanced);
    if (param.most_while_drawing > 0) out.field("most_while_drawing", param.most_while_drawing);
    if (param.least_while_drawing > 0) out.field("least_while_drawing", param.least_while_drawing);
    if (!param.counts_when.empty()) {
        out.key("counts_when");
        out.begin_list();
        for (const When& when : param.counts_when) {
            out.begin_object();
            out.field("param", when.param);
            out.list("values", when.values);
            out.end();
        }
        out.end();
    }
    out.end();
}

void write_output(Writer& out, const Output& output) {
    out.begin_object();
    out.field("name", output.name);
    out.field("kind", std::string_view(to_string(output.kind)));
    if (output.kind == ItemKind::map || output.kind == ItemKind::frames) {
        out.field("map", std::string_view(to_string(output.map)));
    }
    out.field("unit", output.unit);
    if (!output.help.empty()) out.field("help", std::string_view(output.help));
    if (!output.along.empty()) out.field("along", output.along);
    out.field("optional", output.optional);
    if (output.better != Better::unsaid) out.field("better", std::string_view(to_string(output.better)));
    out.end();
}

void write_presets(Writer& out, const std::vector<Preset>& presets) {
    out.begin_object();
    for (const Preset& preset : presets) {
        out.key(preset.name);
        out.begin_object();
        for (const auto& [name, value] : preset.values) {
            out.key(name);
            write(out, value);
        }
        out.end();
    }
    out.end();
}

}  // namespace

void write(Writer& out, const ParamValue& value) {
    if (const auto* real = std::get_if<double>(&value)) return out.number(*real);
    if (const auto* whole = std::get_if<std::int64_t>(&value)) return out.number(static_cast<double>(*whole));
    if (const auto* flag = std::get_if<bool>(&value)) return out.flag(*flag);
    if (const auto* text = std::get_if<std::string>(&value)) return out.text(*text);
    out.nothing();
}

void write(Writer& out, const Card& card) {
    out.begin_object();
    out.field("id", card.id);
    out.field("family", card.family);
    if (!card.title.empty()) {
        out.field("title", std::string_view(card.title));
        out.field("question", std::string_view(card.question));
        out.field("formula", std::string_view(card.formula));
        out.key("reference");
        out.begin_object();
        out.field("authors", std::string_view(card.reference.authors));
        out.field("title", std::string_view(card.reference.title));
        out.field("year", card.reference.year);
        out.field("venue", std::string_view(card.reference.venue));
        out.end();
        out.field("caveat", std::string_view(card.caveat));
    }
    out.key("targets");
    out.begin_list();
    for (const TargetKind kind : card.targets) out.text(to_string(kind));
    out.end();
    out.key("params");
    out.begin_list();
    for (const ParamCard& param : card.params) write_param(out, param);
    out.end();
    out.key("outputs");
    out.begin_list();
    for (const Output& output : card.outputs) write_output(out, output);
    out.end();
    out.key("presets");
    write_presets(out, card.presets);
    out.field("progressive", card.progressive);
    out.key("needs");
    out.begin_list();
    for (const Role role : card.needs) out.text(to_string(role));
    out.end();
    out.field("subject", std::string_view(to_string(card.subject)));
    out.field("pace", std::string_view(to_string(card.pace)));
    out.field("module", std::string_view(to_string(card.module)));
    out.end();
}

}  // namespace pellucid
