/// What guided backprop and deconvnet share: a gradient-like walk with another rule at the activations.
#pragma once

#include "pellucid/methods/method.hpp"

namespace pellucid::methods {

/// The signal that reaches the input when 1 is seeded at the target and `composite` carries it down.
Result walk_down(const Request& request, const Composite& composite);

}  // namespace pellucid::methods
