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

}  // namespace

double Fields::as_written(float value) { return parse_number(fmt::format("{}", value)).value_or(value); }

ParamCard& Fields::real_field(std::string_view name, double& value, Range range, Words help) {
    ParamCard card = param_of(name, ParamType::real, help);
    card.min = range.min;
    card.max = range.max;
    ParamValue any = value;
    ParamCard& kept = field(std::move(card), any);
    value = std::get<double>(any);
    return kept;
}

ParamCard& Fields::integer_field(std::string_view name, std::int64_t& value, Range range, Words help) {
    ParamCard card = param_of(name, ParamType::integer, help);
    card.min = range.min;
    card.max = range.max;
    ParamValue any = value;
    ParamCard& kept = field(std::move(card), any);
    value = std::get<std::int64_t>(any);
    return kept;
}

ParamCard& Fields::index_field(std::string_view name, std::size_t& index, std::vector<std::string_view> words,
                               Words help) {
    std::string word(words[index]);
    ParamCard& kept = word_field(name, word, words, help);
    index = static_cast<std::size_t>(std::find(words.begin(), words.end(), word) - words.begin());
    return kept;
}

ParamCard& Fields::word_field(std::string_view name, std::string& value, std::vector<std::string_view> words,
                              Words help) {
    ParamCard card = param_of(name, ParamType::choice, help);
    card.choices = std::move(words);
    ParamValue any = value;
    ParamCard& kept = field(std::move(card), any);
    value = std::get<std::string>(any);
    return kept;
}

ParamCard& Fields::choice(std::string_view name, std::string& value, std::span<const std::string> words, Words help) {
    return word_field(name, value, {words.begin(), words.end()}, help);
}

ParamCard& Fields::flag(std::string_view name, bool& value, Words help) {
    ParamValue any = value;
    ParamCard& kept = field(param_of(name, ParamType::flag, help), any);
    value = std::get<bool>(any);
    return kept;
}

ParamCard& Fields::text(std::string_view name, std::string& value, Words help) {
    ParamValue any = value;
    ParamCard& kept = field(param_of(name, ParamType::text, help), any);
    value = std::get<std::string>(any);
    return kept;
}

ParamCard& Fields::layer(std::string_view name, std::string& value, Words help) {
    ParamCard& kept = text(name, value, help);
    kept.role = ParamRole::layer;
    return kept;
}

ParamCard& Fields::method(std::string_view name, std::string& value, Words help) {
    ParamCard& kept = text(name, value, help);
    kept.role = ParamRole::method;
    return kept;
}

ParamCard& Fields::image(std::string_view name, std::shared_ptr<const Tensor>& value, Words help) {
    ParamValue any = value;
    ParamCard& kept = field(param_of(name, ParamType::image, help), any);
    value = std::get<std::shared_ptr<const Tensor>>(any);
    return kept;
}

ParamCard& Fields::bound(std::string_view name, std::vector<float>& values, FromRange end, Words help) {
    double first = as_written(values.front());
    ParamCard& kept = real_field(name, first, {-1e6, 1e6}, help);
    kept.from_range = end;
    fill_bound(name, values);
    return kept;
}

ParamCard& Fields::random_seed(std::string_view name, std::uint32_t& value, Words help) {
    ParamCard& kept = integer(name, value, {0, 1000000}, help);
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
