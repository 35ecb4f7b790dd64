/// Answers that nothing can be read off: numbers far beyond what a network is made for overflow on the way, and weights
/// may be damaged.
#pragma once

#include "pellucid/methods/method.hpp"

#include <span>
#include <string_view>

namespace pellucid {

/// The first of them that is no finite number; null where all are.
const float* find_not_finite(std::span<const float> numbers);

/// Error(bad_argument) that names the input whose value or map is not finite; the result's first one is input `first`.
void check_finite(const Result& result, std::string_view method, std::size_t first = 0);

/// The same for what a network gives for one input, before its head.
void check_finite(std::span<const float> logits);

}  // namespace pellucid
