#pragma once

#include "pellucid/nn/network.hpp"

namespace pellucid::detail {

/// Throws Error(bad_shape) where a batch is empty or its samples are not what the network reads.
void check_input(const Network& network, const Tensor& input);

}  // namespace pellucid::detail
