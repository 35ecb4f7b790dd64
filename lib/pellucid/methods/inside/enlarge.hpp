/// Enlarging coarse maps to the input's size.
#pragma once

#include "pellucid/tensor.hpp"

namespace pellucid::methods {

/// Bilinear interpolation at half-pixel centres, edges clamped (PyTorch's interpolate with align_corners=False).
Tensor enlarge(const Tensor& maps, std::size_t height, std::size_t width);

}  // namespace pellucid::methods
