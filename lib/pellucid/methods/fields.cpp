#include "pellucid/methods/fields.hpp"

#include "pellucid/error.hpp"
#include "pellucid/text.hpp"

#include <algorithm>

namespace pellucid {

namespace {

/// 0.1 for the float nearest to it, not 0.10000000149: what a person would write.
double as_written(float value) { return parse_number(fmt::format("{}", value)).value_or(value); }

}  // namespace

#ifndef PELLUCID_WITHOUT_WORDS
Declared Declared::when(std::string_view param, std::initializer_list<std::string_view> values) const {
    if (card_ != nullptr) card_->counts_when.push_back({param, values});
    return *this;
}
#endif

ParamCard& Fields::add(const char* name, ParamType type, ParamValue fallback, Words help) {
    ParamCard& card = card_->params.emplace_back();
    card.name = name;
    card.type = type;
    card.fallback = std::move(fallback);
    card.help = help;
    return card;
}

Declared Fields::add_number(const char* name, ParamType type, ParamValue fallback, double min, double max, Words help) {
    ParamCard& card = add(name, type, std::move(fallback), help);
    card.min = min;
    card.max = max;
    return Declared(card);
}

template <typename Value>
const Value* Fields::chosen(const char* name) const {
    const ParamValue* value = params_->chosen(name);
    return value != nullptr ? &std::get<Value>(*value) : nullptr;
}

template <typename Value>
Declared Fields::simple_field(const char* name, ParamType type, Value& value, Words help) {
    if (card_ != nullptr) return Declared(add(name, type, value, help));
    if (const Value* given = chosen<Value>(name)) value = *given;
    return {};
}

Declared Fields::real_field(const char* name, float& value, double min, double max, Words help) {
    if (card_ != nullptr) return add_number(name, ParamType::real, as_written(value), min, max, help);
    if (const double* given = chosen<double>(name)) value = static_cast<float>(*given);
    return {};
}

Declared Fields::real_field(const char* name, double& value, double min, double max, Words help) {
    if (card_ != nullptr) return add_number(name, ParamType::real, value, min, max, help);
    if (const double* given = chosen<double>(name)) value = *given;
    return {};
}

Declared Fields::integer_field(const char* name, std::size_t& value, double min, double max, Words help) {
    auto as_signed = static_cast<std::ptrdiff_t>(value);
    const Declared declared = integer_field(name, as_signed, min, max, help);
    value = static_cast<std::size_t>(as_signed);
    return declared;
}

Declared Fields::integer_field(const char* name, std::ptrdiff_t& value, double min, double max, Words help) {
    if (card_ != nullptr) return add_number(name, ParamType::integer, static_cast<std::int64_t>(value), min, max, help);
    if (const std::int64_t* given = chosen<std::int64_t>(name)) value = static_cast<std::ptrdiff_t>(*given);
    return {};
}

Declared Fields::index_field(const char* name, unsigned char& index, const std::string_view* words, std::size_t count,
                             Words help) {
    if (card_ != nullptr) {
        ParamCard& card = add(name, ParamType::choice, std::string(words[index]), help);
        card.choices.assign(words, words + count);
        return Declared(card);
    }
    if (const std::string* given = chosen<std::string>(name))
        index = static_cast<unsigned char>(std::find(words, words + count, *given) - words);
    return {};
}

Declared Fields::choice(const char* name, std::string& value, std::span<const std::string> words, Words help) {
    const Declared declared = simple_field(name, ParamType::choice, value, help);
    if (card_ != nullptr) card_->params.back().choices.assign(words.begin(), words.end());
    return declared;
}

Declared Fields::flag(const char* name, bool& value, Words help) {
    return simple_field(name, ParamType::flag, value, help);
}

Declared Fields::text(const char* name, std::string& value, Words help) {
    return simple_field(name, ParamType::text, value, help);
}

Declared Fields::layer(const char* name, std::string& value, Words help) {
    return text(name, value, help).as(ParamRole::layer);
}

Declared Fields::method(const char* name, std::string& value, Words help) {
    return text(name, value, help).as(ParamRole::method);
}

Declared Fields::image(const char* name, std::shared_ptr<const Tensor>& value, Words help) {
    return simple_field(name, ParamType::image, value, help);
}

Declared Fields::bound(const char* name, std::vector<float>& values, FromRange end, Words help) {
    if (card_ != nullptr) return real_field(name, values.front(), -1e6, 1e6, help).following(end);
    values = params_->bound(name);
    return {};
}

Declared Fields::random_seed(const char* name, std::uint32_t& value, Words help) {
    std::size_t number = value;
    const Declared declared = integer(name, number, {0, 1000000}, help);
    value = static_cast<std::uint32_t>(number);
    return declared.as(ParamRole::random_seed);
}

void Fields::compat(std::vector<Preset> (*presets)()) {
    if (card_ == nullptr) return;
    ParamCard& card = add("compat", ParamType::choice, std::string("none"),
                          "another library's habits, for parameters that are not given");
    card_->presets = presets();
    card.choices.emplace_back("none");
    for (const Preset& preset : card_->presets) card.choices.push_back(preset.name);
    card.advanced = true;
}

void add_params(Card& card, void (*declare)(Fields& fields)) {
    Fields fields(card);
    declare(fields);
}

}  // namespace pellucid
