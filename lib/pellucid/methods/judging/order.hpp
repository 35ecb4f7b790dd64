/// The order of many numbers, by counting their digits: for some hundred pixels three to five times faster than
/// comparing.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace pellucid::methods {

/// Places from the smallest to the largest number, and the other way round; equals (−0 and 0 are) in their order.
std::vector<std::uint32_t> ascending(std::span<const float> values);
std::vector<std::uint32_t> descending(std::span<const double> values);

}  // namespace pellucid::methods
