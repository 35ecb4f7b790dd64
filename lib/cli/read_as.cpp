#include "read_as.hpp"

namespace pellucid::cli {

Json read_as(const std::string& how, bool inverted, const Network& network) {
    const InputRange range = input_range(network);
    Json json{{"read_as", how}, {"inverted", inverted}};
    json["range"] = Json::array();
    for (const std::vector<float>& end : {range.low, range.high})
        json["range"].push_back(range.by_channel() ? Json(end) : Json(end[0]));
    return json;
}

}  // namespace pellucid::cli
