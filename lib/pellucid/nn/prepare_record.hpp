/// What a layer's record says before its forward pass.
#pragma once

#include "pellucid/nn/network.hpp"

namespace pellucid::detail {

/// The record of node `node` in a trace with its inputs set: whether it is trained, and the seed of its mask.
Record& prepare_record(Trace& trace, std::size_t node);

}  // namespace pellucid::detail
