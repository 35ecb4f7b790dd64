#include "convert.hpp"

#include <emscripten/bind.h>

#include <cmath>

namespace pellucid::wasm {

namespace {

/// Texts, numbers and truth values; null for an image, which is no plain value.
val plain_value(const ParamValue& value) {
    if (const auto* real = std::get_if<double>(&value)) return val(*real);
    if (const auto* whole = std::get_if<std::int64_t>(&value)) return val(static_cast<double>(*whole));
    if (const auto* flag = std::get_if<bool>(&value)) return val(*flag);
    if (const auto* text = std::get_if<std::string>(&value)) return val(*text);
    return val::null();
}

val to_js(const ParamCard& param) {
    val plain = val::object();
    plain.set("name", std::string(param.name));
    plain.set("type", std::string(to_string(param.type)));
    plain.set("default", plain_value(param.fallback));
    if (std::isfinite(param.min)) plain.set("min", param.min);
    if (std::isfinite(param.max)) plain.set("max", param.max);
    if (!param.choices.empty()) {
        val choices = val::array();
        for (const std::string& choice : param.choices) choices.call<void>("push", choice);
        plain.set("choices", choices);
    }
    if (!param.unit.empty()) plain.set("unit", std::string(param.unit));
    plain.set("help", param.help);
    plain.set("advanced", param.advanced);
    return plain;
}

}  // namespace

val to_js(const Card& card) {
    val reference = val::object();
    reference.set("authors", std::string(card.reference.authors));
    reference.set("title", std::string(card.reference.title));
    reference.set("year", card.reference.year);
    reference.set("venue", std::string(card.reference.venue));
    val targets = val::array();
    for (const TargetKind kind : card.targets) targets.call<void>("push", std::string(to_string(kind)));
    val params = val::array();
    for (const ParamCard& param : card.params) params.call<void>("push", to_js(param));
    val plain = val::object();
    plain.set("id", std::string(card.id));
    plain.set("family", std::string(card.family));
    plain.set("title", std::string(card.title));
    plain.set("question", std::string(card.question));
    plain.set("formula", std::string(card.formula));
    plain.set("reference", reference);
    plain.set("targets", targets);
    plain.set("params", params);
    plain.set("result", std::string(to_string(card.result)));
    plain.set("caveat", std::string(card.caveat));
    plain.set("progressive", card.progressive);
    plain.set("needs_patterns", card.needs_patterns);
    return plain;
}

val to_js(const Result& result, const Target& target, const Params& params) {
    val images = val::object();
    for (const auto& [name, image] : result.images) images.set(name, to_image(image));
    val numbers = val::object();
    for (const auto& [name, number] : result.numbers) numbers.set(name, number);
    val ledger = val::array();
    for (const LedgerRow& row : result.ledger) {
        val plain = val::object();
        plain.set("layer", row.layer);
        plain.set("entering", row.entering);
        plain.set("leaving", row.leaving);
        plain.set("bias", row.bias);
        plain.set("stabiliser", row.stabiliser);
        ledger.call<void>("push", plain);
    }
    val in_force = val::object();
    for (const auto& [card, value] : params.all()) {
        if (card->type != ParamType::image) in_force.set(std::string(card->name), plain_value(value));
    }
    val plain = val::object();
    plain.set("target", target.text());
    plain.set("value", result.value.empty() ? std::nan("") : result.value.front());
    plain.set("map", to_image(result.map));
    plain.set("images", images);
    plain.set("numbers", numbers);
    plain.set("ledger", ledger);
    plain.set("params", in_force);
    if (result.layerwise) plain.set("layers", to_js(*result.layerwise));
    return plain;
}

void set_params(Params& params, const val& values, const Shape& input_shape) {
    const val names = val::global("Object").call<val>("keys", values);
    const auto count = names["length"].as<std::size_t>();
    for (std::size_t i = 0; i < count; ++i) {
        const auto name = names[i].as<std::string>();
        const val value = values[name];
        if (value.isNumber()) {
            params.set(name, ParamValue(value.as<double>()));
        } else if (value.isTrue() || value.isFalse()) {
            params.set(name, ParamValue(value.isTrue()));
        } else if (value.isString()) {
            params.set(name, ParamValue(value.as<std::string>()));
        } else {
            // The package lets nothing else through than a Float32Array.
            const std::string what = "the parameter " + name;
            params.set(name, ParamValue(std::make_shared<const Tensor>(from_js(value, input_shape, what.c_str()))));
        }
    }
}

}  // namespace pellucid::wasm
