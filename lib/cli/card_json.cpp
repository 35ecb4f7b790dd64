#include "card_json.hpp"

#include <cmath>

namespace pellucid::cli {

Json to_json(const ParamValue& value) {
    if (const auto* real = std::get_if<double>(&value)) return *real;
    if (const auto* whole = std::get_if<std::int64_t>(&value)) return *whole;
    if (const auto* flag = std::get_if<bool>(&value)) return *flag;
    if (const auto* text = std::get_if<std::string>(&value)) return *text;
    const auto& image = std::get<std::shared_ptr<const Tensor>>(value);
    return image ? Json("given") : Json(nullptr);
}

namespace {

Json param_json(const ParamCard& param) {
    Json json{{"name", param.name}, {"type", to_string(param.type)}, {"default", cli::to_json(param.fallback)}};
    json["min"] = std::isfinite(param.min) ? Json(param.min) : Json(nullptr);
    json["max"] = std::isfinite(param.max) ? Json(param.max) : Json(nullptr);
    if (!param.choices.empty()) json["choices"] = param.choices;
    if (!param.unit.empty()) json["unit"] = param.unit;
    json["help"] = param.help;
    json["advanced"] = param.advanced;
    return json;
}

}  // namespace

Json to_json(const Card& card) {
    Json targets = Json::array();
    for (const TargetKind kind : card.targets) targets.push_back(to_string(kind));
    Json params = Json::array();
    for (const ParamCard& param : card.params) params.push_back(param_json(param));
    return {{"id", card.id},
            {"family", card.family},
            {"title", card.title},
            {"question", card.question},
            {"formula", card.formula},
            {"reference",
             {{"authors", card.reference.authors},
              {"title", card.reference.title},
              {"year", card.reference.year},
              {"venue", card.reference.venue}}},
            {"targets", targets},
            {"params", params},
            {"result", to_string(card.result)},
            {"caveat", card.caveat},
            {"progressive", card.progressive},
            {"needs_patterns", card.needs_patterns}};
}

}  // namespace pellucid::cli
