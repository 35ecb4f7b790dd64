/// What passes that fuse layers ask of a network: which node stands alone behind a value, and whether its layer is one
/// that the kernels of the layer before can do on the way (simd/kernels.hpp).
#pragma once

#include "pellucid/nn/network.hpp"

namespace pellucid::detail {

inline constexpr std::size_t no_such_node = static_cast<std::size_t>(-1);

/// The only reader of the value among the nodes below value `until`; none for `until`, which others want to see.
std::size_t only_reader(const Network& network, ValueId value, ValueId until);

/// A ReLU.
bool rectifies(const Layer& layer);

/// A max-pool whose windows are the 2×2 tiles of an image (N, h, w, c) of that shape.
bool halves(const Layer& layer, const Shape& image);

}  // namespace pellucid::detail
