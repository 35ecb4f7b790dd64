/// What guided backprop and deconvnet share: a gradient-like walk with another rule at the activations.
#pragma once

#include "pellucid/methods/method.hpp"

namespace pellucid::methods {

/// Card of the parameter that walk_down() reads: `start`.
ParamCard start_param();

/// The signal that reaches the input when `composite` carries the target's seed down.
///
/// start = all: the seed is the target's gradient: 1 at a logit, 1 at every unit of a channel.
/// start = strongest (channel targets): 1 at the channel's strongest unit of each input (the first of equals), 0 at all
/// other units; the result's value is that unit's, and the numbers "row" and "column" say where the first input has it.
/// The walk is homogeneous: times that value, the map is the projection of the unit's activation. Targets of other kinds
/// have no strongest unit to choose; `start` changes nothing for them.
Result walk_down(const Request& request, const Composite& composite);

}  // namespace pellucid::methods
