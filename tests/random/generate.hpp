/// Structures nobody wrote down.
#pragma once

#include "plan.hpp"

namespace pellucid::test {

/// One layer of any operator, sizes 1–14, channels 1–36, batch 1–3, with a ReLU, a max-pool or both behind it now and
/// then. Kernels, strides, paddings up to beyond the kernel, output paddings and windows are uneven more often than
/// not.
Plan random_layer_plan(std::uint32_t seed);

/// A network with logits: chains, branches and sums of such layers, 1–5 channels in, and a head. A third of them are
/// without bias and piecewise linear.
Plan random_network_plan(std::uint32_t seed);

/// Whether f(a·x) = a·f(x) for a > 0: no bias, no batch norm, nothing but ReLUs and pools between linear layers.
bool homogeneous(const Plan& plan);

}  // namespace pellucid::test
