#include "pellucid/methods/fields.hpp"

#include "pellucid/error.hpp"
#include "pellucid/text.hpp"

#include <algorithm>

namespace pellucid {

namespace {

ParamCard param_of(std::string_view name, ParamType type, Words help) {
    ParamCard card;
    card.name = name;
    card.type = type;
    card.help = help;
    return card;
}

/// 0.1 for the float nearest to it, not 0.10000000149: what a person would write.
double as_written(float value) { return parse_number(fmt::format("{}", value)).value_or(value); }

}  // namespace

ParamCard& Fields::real_field(const char* name, float& value, double min, double max, Words help) {
    double as_double = as_written(value);
    ParamCard& kept = real_field(name, as_double, min, max, help);
    value = static_cast<float>(as_double);
    return kept;
}

ParamCard& Fields::real_field(const char* name, double& value, double min, double max, Words help) {
    ParamCard card = param_of(name, ParamType::real, help);
    card.min = min;
    card.max = max;
    ParamValue any = value;
    ParamCard& kept = field(std::move(card), any);
    value = std::get<double>(any);
    return kept;
}

ParamCard& Fields::integer_field(const char* name, std::size_t& value, double min, double max, Words help) {
    auto as_signed = static_cast<std::ptrdiff_t>(value);
    ParamCard& kept = integer_field(name, as_signed, min, max, help);
    value = static_cast<std::size_t>(as_signed);
    return kept;
}

ParamCard& Fields::integer_field(const char* name, std::ptrdiff_t& value, double min, double max, Words help) {
    ParamCard card = param_of(name, ParamType::integer, help);
    card.min = min;
    card.max = max;
    ParamValue any = static_cast<std::int64_t>(value);
    ParamCard& kept = field(std::move(card), any);
    value = static_cast<std::ptrdiff_t>(std::get<std::int64_t>(any));
    return kept;
}

ParamCard& Fields::index_field(const char* name, unsigned char& index, const std::string_view* words, std::size_t count,
                               Words help) {
    std::string word(words[index]);
    ParamCard& kept = word_field(name, word, {words, words + count}, help);
    index = static_cast<unsigned char>(std::find(words, words + count, word) - words);
    return kept;
}

ParamCard& Fields::word_field(const char* name, std::string& value, std::vector<std::string_view> words, Words help) {
    ParamCard card = param_of(name, ParamType::choice, help);
    card.choices = std::move(words);
    ParamValue any = value;
    ParamCard& kept = field(std::move(card), any);
    value = std::get<std::string>(any);
    return kept;
}

ParamCard& Fields::choice(const char* name, std::string& value, std::span<const std::string> words, Words help) {
    return word_field(name, value, {words.begin(), words.end()}, help);
}

ParamCard& Fields::flag(const char* name, bool& value, Words help) {
    ParamValue any = value;
    ParamCard& kept = field(param_of(name, ParamType::flag, help), any);
    value = std::get<bool>(any);
    return kept;
}

ParamCard& Fields::text(const char* name, std::string& value, Words help) {
    ParamValue any = value;
    ParamCard& kept = field(param_of(name, ParamType::text, help), any);
    value = std::get<std::string>(any);
    return kept;
}

ParamCard& Fields::layer(const char* name, std::string& value, Words help) {
    ParamCard& kept = text(name, value, help);
    kept.role = ParamRole::layer;
    return kept;
}

ParamCard& Fields::method(const char* name, std::string& value, Words help) {
    ParamCard& kept = text(name, value, help);
    kept.role = ParamRole::method;
    return kept;
}

ParamCard& Fields::image(const char* name, std::shared_ptr<const Tensor>& value, Words help) {
    ParamValue any = value;
    ParamCard& kept = field(param_of(name, ParamType::image, help), any);
    value = std::get<std::shared_ptr<const Tensor>>(any);
    return kept;
}

ParamCard& Fields::bound(const char* name, std::vector<float>& values, FromRange end, Words help) {
    ParamCard& kept = real_field(name, values.front(), -1e6, 1e6, help);
    kept.from_range = end;
    fill_bound(name, values);
    return kept;
}

ParamCard& Fields::random_seed(const char* name, std::uint32_t& value, Words help) {
    std::size_t number = value;
    ParamCard& kept = integer(name, number, {0, 1000000}, help);
    value = static_cast<std::uint32_t>(number);
    kept.role = ParamRole::random_seed;
    return kept;
}

void CardFields::compat(std::vector<Preset> presets) {
    ParamCard card =
        param_of("compat", ParamType::choice, "another library's habits, for parameters that are not given");
    card.fallback = std::string("none");
    card.choices.emplace_back("none");
    for (const Preset& preset : presets) card.choices.push_back(preset.name);
    card.advanced = true;
    card_.params.push_back(std::move(card));
    card_.presets = std::move(presets);
}

ParamCard& CardFields::field(ParamCard card, ParamValue& value) {
    card.fallback = value;
    card_.params.push_back(std::move(card));
    return card_.params.back();
}

void add_params(Card& card, void (*declare)(Fields& fields)) {
    CardFields fields(card);
    declare(fields);
}

ValueFields::ValueFields(const Params& params) : params_(params) {}

ValueFields::~ValueFields() = default;

ParamCard& ValueFields::field(ParamCard card, ParamValue& value) {
    value = params_.value(card.name);
    ignored_ = std::move(card);
    return ignored_;
}

}  // namespace pellucid
