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

namespace {

ParamCard param(std::string_view name, ParamType type, ParamValue fallback, std::string_view help) {
    ParamCard card{name, type, std::move(fallback)};
    card.help = help;
    return card;
}

ParamCard number(ParamCard card, double min, double max, std::string_view unit) {
    card.min = min;
    card.max = max;
    card.unit = unit;
    return card;
}

}  // namespace

ParamCard real_param(std::string_view name, double fallback, double min, double max, std::string_view help,
                     std::string_view unit) {
    return number(param(name, ParamType::real, fallback, help), min, max, unit);
}

ParamCard integer_param(std::string_view name, std::int64_t fallback, std::int64_t min, std::int64_t max,
                        std::string_view help, std::string_view unit) {
    return number(param(name, ParamType::integer, fallback, help), static_cast<double>(min), static_cast<double>(max),
                  unit);
}

ParamCard flag_param(std::string_view name, bool fallback, std::string_view help) {
    return param(name, ParamType::flag, fallback, help);
}

ParamCard choice_param(std::string_view name, std::string_view fallback,
                       std::initializer_list<std::string_view> choices, std::string_view help) {
    return choice_param(name, fallback, std::vector<std::string>(choices.begin(), choices.end()), help);
}

ParamCard choice_param(std::string_view name, std::string_view fallback, std::vector<std::string> choices,
                       std::string_view help) {
    ParamCard card = param(name, ParamType::choice, std::string(fallback), help);
    card.choices = std::move(choices);
    return card;
}

ParamCard text_param(std::string_view name, std::string_view fallback, std::string_view help) {
    return param(name, ParamType::text, std::string(fallback), help);
}

ParamCard image_param(std::string_view name, std::string_view help) {
    return param(name, ParamType::image, std::shared_ptr<const Tensor>(), help);
}

ParamCard numbers_param(std::string_view name, std::string_view help) {
    ParamCard card = image_param(name, help);
    card.numbers = true;
    return card;
}

ParamCard advanced(ParamCard card) {
    card.advanced = true;
    return card;
}

ParamCard from_range(FromRange which, ParamCard card) {
    card.from_range = which;
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
        choices.emplace_back(preset.name);
        std::vector<std::string> parts;
        for (const auto& [name, value] : preset.values) parts.push_back(fmt::format("{} {}", name, written(value)));
        help += fmt::format("; {}: {}", preset.name, fmt::join(parts, ", "));
    }
    return advanced(choice_param("compat", "none", std::move(choices), std::move(help)));
}

}  // namespace pellucid
