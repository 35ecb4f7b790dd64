#pragma once

#include "pellucid/nn/network.hpp"

#include <cstdint>

namespace pellucid::detail {

/// Elements per sample of the largest image that a layer makes of its input while it works: with all padding, and up to
/// the end of the last window. 0 for layers that do not slide windows. Sides count up to 2³¹, the whole up to 2⁶².
/// A few bytes of a file can ask for padding that no memory holds, where a large stride leaves little of it.
std::uint64_t frame_elements(const Layer& layer, const Shape& input, const Shape& output);

}  // namespace pellucid::detail
