/// Superpixels: pieces of an image that keep together in space and in colour. SLIC, Achanta et al. 2012.
#pragma once

#include "pellucid/tensor.hpp"

#include <cstdint>
#include <span>

namespace pellucid::methods {

/// Moves `labels` (H·W numbers below `count`), which begin as a grid of cells, towards the image (1, H, W, C): ten
/// rounds of k-means, where the distance of a pixel from a piece's mean is
///   Σ_c (colour difference)² + compactness²·(distance in pixels / S)²,  S = √(H·W / count),
/// and only pieces whose mean lies within 2·S in rows and columns compete. Then every piece is made connected (4
/// neighbours): of its parts the largest keeps the label, the others go to the neighbour that they share most edges
/// with. A piece can come out empty. Deviation: means do not start at the least gradient of 3 × 3 pixels, and colour is
/// the image's own, not CIELAB.
void fit_superpixels(const Tensor& image, std::size_t count, double compactness, std::span<std::uint32_t> labels);

}  // namespace pellucid::methods
