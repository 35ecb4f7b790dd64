/// What an input was taken for, as JSON.
#pragma once

#include "json_writer.hpp"
#include "pellucid/nn/range.hpp"

#include <string>

namespace pellucid::cli {

/// {"read_as": words, "inverted": whether, "range": [low, high], or [lows, highs] where channels have their own}.
Json read_as(const std::string& how, bool inverted, const Network& network);

}  // namespace pellucid::cli
