#include "pellucid/methods/card.hpp"

#include <algorithm>
#include <ranges>

namespace pellucid {

const char* to_string(ParamType type) noexcept {
    switch (type) {
        case ParamType::real: return "real";
        case ParamType::integer: return "integer";
        case ParamType::flag: return "flag";
        case ParamType::choice: return "choice";
        case ParamType::text: return "text";
        case ParamType::image: return "image";
    }
    return "text";
}

const char* to_string(ParamRole role) noexcept {
    switch (role) {
        case ParamRole::plain: return "plain";
        case ParamRole::random_seed: return "random_seed";
        case ParamRole::layer: return "layer";
        case ParamRole::rules: return "rules";
        case ParamRole::replay: return "replay";
        case ParamRole::drawings: return "drawings";
        case ParamRole::per_input: return "per_input";
        case ParamRole::maps: return "maps";
        case ParamRole::method: return "method";
    }
    return "plain";
}

const char* to_string(ItemKind kind) noexcept {
    switch (kind) {
        case ItemKind::map: return "map";
        case ItemKind::series: return "series";
        case ItemKind::frames: return "frames";
        case ItemKind::scalar: return "scalar";
        case ItemKind::table: return "table";
        case ItemKind::scores: return "scores";
    }
    return "map";
}

const char* to_string(MapKind kind) noexcept {
    switch (kind) {
        case MapKind::signed_values: return "signed";
        case MapKind::positive: return "positive";
        case MapKind::image: return "image";
        case MapKind::change: return "change";
    }
    return "signed";
}

const char* to_string(Better better) noexcept {
    switch (better) {
        case Better::unsaid: return "";
        case Better::more: return "more";
        case Better::less: return "less";
    }
    return "";
}

const char* to_string(SubjectKind subject) noexcept {
    switch (subject) {
        case SubjectKind::input: return "input";
        case SubjectKind::model: return "model";
        case SubjectKind::data: return "data";
        case SubjectKind::attribution: return "attribution";
    }
    return "input";
}

const char* to_string(Pace pace) noexcept {
    switch (pace) {
        case Pace::frame: return "frame";
        case Pace::rest: return "rest";
        case Pace::asked: return "asked";
    }
    return "frame";
}

const char* to_string(Role role) noexcept {
    switch (role) {
        case Role::patterns: return "patterns";
        case Role::generator: return "generator";
        case Role::expert: return "expert";
        case Role::statistics: return "statistics";
        case Role::data: return "data";
        case Role::strokes: return "strokes";
        case Role::second: return "second";
    }
    return "patterns";
}

const std::vector<Role>& all_roles() {
    static const std::vector<Role> roles{Role::patterns, Role::generator, Role::expert, Role::statistics,
                                         Role::data,     Role::strokes,   Role::second};
    return roles;
}

const char* to_string(Module module) noexcept { return module == Module::live ? "live" : "studio"; }

const char* to_string(TargetKind kind) noexcept {
    switch (kind) {
        case TargetKind::logit: return "class";
        case TargetKind::probability: return "prob";
        case TargetKind::contrast: return "contrast";
        case TargetKind::predicted: return "predicted";
        case TargetKind::neuron: return "neuron";
        case TargetKind::channel: return "channel";
        case TargetKind::norm: return "norm";
    }
    return "class";
}

std::vector<TargetKind> any_target() {
    return {TargetKind::logit,  TargetKind::probability, TargetKind::contrast, TargetKind::predicted,
            TargetKind::neuron, TargetKind::channel,     TargetKind::norm};
}

Output map_output(MapKind kind, Words help, const char* name) {
    return {.name = name, .kind = ItemKind::map, .map = kind, .help = help};
}

Output series_output(const char* name, const char* unit, Words help, const char* along) {
    return {.name = name, .kind = ItemKind::series, .unit = unit, .help = help, .along = along};
}

Output frames_output(const char* name, MapKind kind, Words help) {
    return {.name = name, .kind = ItemKind::frames, .map = kind, .help = help};
}

Output scalar_output(const char* name, const char* unit, Words help) {
    return {.name = name, .kind = ItemKind::scalar, .unit = unit, .help = help};
}

Output table_output(const char* name, const char* unit, Words help) {
    return {.name = name, .kind = ItemKind::table, .unit = unit, .help = help};
}

Output scores_output(const char* name, const char* unit, Words help) {
    return {.name = name, .kind = ItemKind::scores, .unit = unit, .help = help};
}

Output judging_output(const char* name, const char* unit, Better better, Words help) {
    Output output = scalar_output(name, unit, help);
    output.better = better;
    return output;
}

Output optional_output(const Output& output) {
    Output rare = output;
    rare.optional = true;
    return rare;
}

Output standard_error_output() {
    return optional_output(map_output(
        MapKind::positive, "how far the shown mean may be off: its standard error, with two samples and more",
        "standard_error"));
}

bool needs(const Card& card, Role role) {
    return std::find(card.needs.begin(), card.needs.end(), role) != card.needs.end();
}

bool changes_input(const Card& card) {
    const auto of = [](MapKind map) {
        return [map](const Output& output) { return output.kind == ItemKind::map && output.map == map; };
    };
    return std::ranges::any_of(card.outputs | std::views::take(1), of(MapKind::image)) &&
           std::ranges::any_of(card.outputs, of(MapKind::change));
}

const Output* find_output(const Card& card, std::string_view name) {
    for (const Output& output : card.outputs) {
        if (output.name == name) return &output;
    }
    return nullptr;
}

}  // namespace pellucid
