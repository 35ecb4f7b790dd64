/// Copies of a network in which something was changed, as controls for what looks at it.
#pragma once

#include "pellucid/nn/network.hpp"

#include <cstdint>
#include <functional>
#include <vector>

namespace pellucid::methods {

/// A copy whose node i has the layer that `replaced(i)` gives, where that gives one.
Network with_layers(const Network& network, const std::function<std::unique_ptr<Layer>(std::size_t)>& replaced);

/// The nodes with weights or normalisation, the last one first: what cascading randomisation goes through.
std::vector<std::size_t> trained_nodes(const Network& network);

/// A copy whose nodes `which` were drawn anew: weights and biases uniform within ±1/√(inputs of a unit), torch's own
/// start; of a BatchNorm scale 1, shift 0, mean 0, variance 1. What a node gets depends on the seed and its place
/// alone.
Network randomised(const Network& network, const std::vector<std::size_t>& which, std::uint32_t seed);

/// The network g with g(x + shift) = f(x): what the shift adds to the first layer is taken from its bias. Where that
/// layer pads its input, the padding, which was 0, is `shift`. Throws Error(unsupported) where the input is not read by
/// one layer with weights, or by one affine map, alone.
/// `with_bias` false: the first layer's bias stays (for patterns, which have none).
Network shifted(const Network& network, float shift, bool with_bias = true);

/// A copy in which every Dropout multiplies by a mask drawn once: 0 with its rate, else 1/(1 − rate).
/// Throws Error(unsupported) where there is no Dropout with a rate above 0.
Network with_dropout_masks(const Network& network, std::uint32_t seed, std::size_t number);

}  // namespace pellucid::methods
