#include "pellucid/methods/card.hpp"

#include <fmt/format.h>

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

const char* to_string(ResultKind kind) noexcept {
    switch (kind) {
        case ResultKind::signed_map: return "signed_map";
        case ResultKind::positive_map: return "positive_map";
        case ResultKind::image: return "image";
    }
    return "signed_map";
}

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

ParamCard real_param(std::string name, double fallback, double min, double max, std::string help, std::string unit) {
    return {std::move(name), ParamType::real, fallback, min, max, {}, std::move(unit), std::move(help)};
}

ParamCard integer_param(std::string name, std::int64_t fallback, std::int64_t min, std::int64_t max, std::string help,
                        std::string unit) {
    return {std::move(name), ParamType::integer, fallback, static_cast<double>(min), static_cast<double>(max), {},
            std::move(unit), std::move(help)};
}

ParamCard flag_param(std::string name, bool fallback, std::string help) {
    ParamCard card{std::move(name), ParamType::flag, fallback};
    card.help = std::move(help);
    return card;
}

ParamCard choice_param(std::string name, std::string fallback, std::vector<std::string> choices, std::string help) {
    ParamCard card{std::move(name), ParamType::choice, std::move(fallback)};
    card.choices = std::move(choices);
    card.help = std::move(help);
    return card;
}

ParamCard text_param(std::string name, std::string fallback, std::string help) {
    ParamCard card{std::move(name), ParamType::text, std::move(fallback)};
    card.help = std::move(help);
    return card;
}

ParamCard image_param(std::string name, std::string help) {
    ParamCard card{std::move(name), ParamType::image, std::shared_ptr<const Tensor>()};
    card.help = std::move(help);
    return card;
}

namespace {

std::string written(const ParamValue& value) {
    if (const auto* real = std::get_if<double>(&value)) return fmt::format("{:g}", *real);
    if (const auto* whole = std::get_if<std::int64_t>(&value)) return fmt::format("{}", *whole);
    if (const auto* flag = std::get_if<bool>(&value)) return *flag ? "true" : "false";
    if (const auto* text = std::get_if<std::string>(&value)) return *text;
    return "an image";
}

}  // namespace

ParamCard compat_param(const std::vector<Preset>& presets) {
    std::vector<std::string> choices{"none"};
    std::string help = "another library's habits, for parameters that are not given";
    for (const Preset& preset : presets) {
        choices.push_back(preset.name);
        std::vector<std::string> parts;
        for (const auto& [name, value] : preset.values) parts.push_back(name + " " + written(value));
        help += fmt::format("; {}: {}", preset.name, fmt::join(parts, ", "));
    }
    return choice_param("compat", "none", std::move(choices), std::move(help));
}

}  // namespace pellucid
