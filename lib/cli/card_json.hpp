/// Cards and parameter values as JSON.
#pragma once

#include "pellucid/methods/params.hpp"

#include <nlohmann/json.hpp>

namespace pellucid::cli {

using Json = nlohmann::ordered_json;

Json to_json(const Card& card);
Json to_json(const ParamValue& value);

}  // namespace pellucid::cli
