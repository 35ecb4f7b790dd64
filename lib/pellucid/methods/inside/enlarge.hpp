/// Enlarging coarse maps to the input's size.
#pragma once

#include "pellucid/tensor.hpp"

namespace pellucid::methods {

/// Which points of the two grids lie on each other: pixels' centres, half a pixel from the edge (PyTorch's
/// align_corners=False), or the corners' own centres (True).
enum class Grid { half_pixel, corners };

/// Bilinear interpolation, edges clamped.
Tensor enlarge(const Tensor& maps, std::size_t height, std::size_t width, Grid grid = Grid::half_pixel);

}  // namespace pellucid::methods
