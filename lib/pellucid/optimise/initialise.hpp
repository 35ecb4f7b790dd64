/// Initial weights.
///
/// He, Zhang, Ren, Sun: Delving Deep into Rectifiers (2015): weights are normal with deviation √(2/fan_in), where
/// fan_in = kernel rows · kernel columns · inputs (of a transposed convolution, the taps that meet an input); biases
/// are 0. The last layer with weights uses √(1/fan_in), as no ReLU follows.
#pragma once

#include "pellucid/nn/network.hpp"

#include <cstdint>

namespace pellucid::optimise {

/// Sets every layer with a parameter called "weight"; the same seed gives the same weights.
void he_initialise(Network& network, std::uint32_t seed);

}  // namespace pellucid::optimise
