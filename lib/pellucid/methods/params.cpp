#include "pellucid/methods/params.hpp"

#include "pellucid/error.hpp"
#include "pellucid/text.hpp"

#include <algorithm>
#include <cmath>

namespace pellucid {

namespace {

std::string allowed(const ParamCard& card) {
    switch (card.type) {
        case ParamType::real: return fmt::format("a number from {} to {}", card.min, card.max);
        case ParamType::integer: return fmt::format("a whole number from {:.0f} to {:.0f}", card.min, card.max);
        case ParamType::flag: return "true or false";
        case ParamType::choice: return fmt::format("one of {}", comma_separated(card.choices));
        case ParamType::text: return "a text";
        case ParamType::image: return "an image of the input's shape";
    }
    return {};
}

[[noreturn]] void refuse(const Card& method, const ParamCard& card, std::string_view text) {
    fail(ErrorCode::bad_argument, "{}: the parameter {} must be {}, not '{}'", method.id, card.name, allowed(card),
         text);
}

double number_of(const Card& method, const ParamCard& card, std::string_view text) {
    const std::optional<double> value = parse_number(text);
    if (!value || !std::isfinite(*value)) refuse(method, card, text);
    return *value;
}

ParamValue parse(const Card& method, const ParamCard& card, std::string_view text) {
    switch (card.type) {
        case ParamType::real: return number_of(method, card, text);
        case ParamType::integer: {
            const double value = number_of(method, card, text);
            if (value != std::floor(value) || std::abs(value) > 9e15) refuse(method, card, text);
            return static_cast<std::int64_t>(value);
        }
        case ParamType::flag:
            if (text == "true" || text == "1" || text == "yes" || text == "on") return true;
            if (text == "false" || text == "0" || text == "no" || text == "off") return false;
            refuse(method, card, text);
        case ParamType::choice:
        case ParamType::text: return std::string(text);
        case ParamType::image: break;
    }
    fail(ErrorCode::bad_argument, "{}: the parameter {} is {}, which cannot be given as the text '{}'", method.id,
         card.name, allowed(card), text);
}

/// The value in the card's own alternative, within its range.
ParamValue checked(const Card& method, const ParamCard& card, ParamValue value) {
    if (card.type == ParamType::real && std::holds_alternative<std::int64_t>(value)) {
        value = static_cast<double>(std::get<std::int64_t>(value));
    }
    if (card.type == ParamType::integer && std::holds_alternative<double>(value)) {
        const double given = std::get<double>(value);
        if (given != std::floor(given) || std::abs(given) > 9e15) refuse(method, card, fmt::format("{}", given));
        value = static_cast<std::int64_t>(given);
    }
    if (value.index() != card.fallback.index()) refuse(method, card, "a value of another type");
    if (const double* number = std::get_if<double>(&value)) {
        // Ranges that are open at one end have infinity for their limit, which is no value for all that.
        if (!std::isfinite(*number) || !(*number >= card.min && *number <= card.max))
            refuse(method, card, fmt::format("{}", *number));
    } else if (const auto* whole = std::get_if<std::int64_t>(&value)) {
        const auto as_real = static_cast<double>(*whole);
        if (!(as_real >= card.min && as_real <= card.max)) refuse(method, card, fmt::format("{}", *whole));
    } else if (const auto* text = std::get_if<std::string>(&value); text != nullptr && card.type == ParamType::choice) {
        if (std::find(card.choices.begin(), card.choices.end(), *text) == card.choices.end())
            refuse(method, card, *text);
    } else if (const auto* image = std::get_if<std::shared_ptr<const Tensor>>(&value); image != nullptr && *image) {
        if ((*image)->size() == 0) refuse(method, card, "an image without pixels");
        for (const float v : elements(**image)) {
            if (!std::isfinite(v)) refuse(method, card, fmt::format("an image that holds {}", v));
        }
    }
    return value;
}

}  // namespace

Params::Params(const Card& card) : card_(&card) {}

const ParamValue* Params::find_given(std::string_view name) const {
    for (const auto& [param, value] : given_) {
        if (param->name == name) return &value;
    }
    return nullptr;
}

const ParamValue* Params::chosen(std::string_view name) const {
    if (const ParamValue* own = find_given(name)) return own;
    if (preset_ != nullptr) {
        for (const auto& [param, value] : preset_->values) {
            if (param == name) return &value;
        }
    }
    return nullptr;
}

const ParamValue& Params::value(std::string_view name) const {
    if (const ParamValue* found = chosen(name)) return *found;
    for (const ParamCard& param : card_->params) {
        if (param.name == name) return param.fallback;
    }
    fail(ErrorCode::internal, "{} asks for a parameter '{}' that its card lacks", card_->id, name);
}

const ParamCard& Params::find(std::string_view name) const {
    for (const ParamCard& param : card_->params) {
        if (param.name == name || (!name.empty() && param.formerly == name)) return param;
    }
    std::vector<std::string_view> names;
    for (const ParamCard& param : card_->params) names.push_back(param.name);
    if (names.empty()) fail(ErrorCode::bad_argument, "{} has no parameters, so no '{}'", card_->id, name);
    fail(ErrorCode::bad_argument, "{} has no parameter '{}'; it has {}", card_->id, name, comma_separated(names));
}

void Params::give(const ParamCard& param, ParamValue value) {
    const auto same = [&](const auto& given) { return given.first == &param; };
    const auto found = std::find_if(given_.begin(), given_.end(), same);
    if (found != given_.end()) {
        found->second = std::move(value);
    } else {
        given_.emplace_back(&param, std::move(value));
    }
    if (param.name != "compat") return;
    const auto& compat = std::get<std::string>(*find_given("compat"));
    const auto named = [&](const Preset& preset) { return preset.name == compat; };
    const auto preset = std::find_if(card_->presets.begin(), card_->presets.end(), named);
    preset_ = preset != card_->presets.end() ? &*preset : nullptr;
}

void Params::set(std::string_view name, std::string_view text) {
    const ParamCard& param = find(name);
    give(param, checked(*card_, param, parse(*card_, param, text)));
}

void Params::set(std::string_view name, ParamValue value) {
    const ParamCard& param = find(name);
    give(param, checked(*card_, param, std::move(value)));
}

void Params::follow(const InputRange& range) {
    range_ = range;
    for (const ParamCard& param : card_->params) {
        if (param.from_range == FromRange::no || given(param.name)) continue;
        if (param.from_range == FromRange::share) {
            give(param, std::get<double>(param.fallback) * static_cast<double>(range.extent()));
        } else if (!range.by_channel()) {
            give(param, static_cast<double>((param.from_range == FromRange::low ? range.low : range.high)[0]));
        }
    }
}

std::vector<float> Params::bound(std::string_view name) const {
    const ParamCard& param = find(name);
    if (given(name) || !range_.by_channel()) return {static_cast<float>(std::get<double>(value(name)))};
    return param.from_range == FromRange::low ? range_.low : range_.high;
}

std::vector<std::pair<const ParamCard*, ParamValue>> Params::all() const {
    std::vector<std::pair<const ParamCard*, ParamValue>> list;
    for (const ParamCard& card : card_->params) {
        const bool by_channel = (card.from_range == FromRange::low || card.from_range == FromRange::high) &&
                                range_.by_channel() && !given(card.name);
        list.emplace_back(&card, by_channel ? ParamValue(std::string("by channel")) : value(card.name));
    }
    return list;
}

Params Params::of_samples(std::size_t total, std::size_t first, std::size_t count) const {
    Params part = *this;
    for (const auto& [card, value] : all()) {
        if (card->role != ParamRole::per_input && card->role != ParamRole::maps) continue;
        const auto& images = std::get<std::shared_ptr<const Tensor>>(value);
        if (images == nullptr || images->shape()[0] != total || count == total) continue;
        part.set(card->name, ParamValue(std::make_shared<const Tensor>(batch_slice(*images, first, count))));
    }
    return part;
}

}  // namespace pellucid
