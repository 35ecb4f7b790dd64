/// What guided backprop and deconvnet share: a gradient-like walk with another rule at the activations.
#pragma once

#include "pellucid/methods/method.hpp"

namespace pellucid::methods {

enum class Start : std::uint8_t { all, strongest };
struct WalkParams {
    Start start = Start::all;
};
void describe(Fields& f, WalkParams& p);
/// What walk_down() gives.
std::vector<Output> walk_outputs();

/// The signal that reaches the input when `composite` carries the target's seed down.
///
/// start = all: the seed is the target's gradient: 1 at a logit, 1 at every unit of a channel.
/// start = strongest (channel targets): 1 at the channel's strongest unit of each input (the first of equals), 0 at all
/// other units; the result's value is that unit's, and the numbers "row" and "column" say where each input has it.
/// The walk is homogeneous: times that value, the map is the projection of the unit's activation. Targets of other
/// kinds have no strongest unit to choose; `start` changes nothing for them.
Result walk_down(const Request& request, const WalkParams& p, const Composite& composite);

}  // namespace pellucid::methods
