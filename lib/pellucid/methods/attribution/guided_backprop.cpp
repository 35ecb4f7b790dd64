/// guided_backprop: the gradient, with negative signals stopped at every ReLU. Springenberg et al. 2015.
///
/// At a ReLU: [y > 0]·max(signal, 0); max-pools route by argmax; the input's own signal is not rectified (captum's
/// habit). Seed: ∂target, or 1 at the strongest unit of a channel (start = strongest). Shapes: map as the input.
/// Cost: one forward and one backward pass.
#include "pellucid/methods/attribution/rectified.hpp"

namespace pellucid::methods {

namespace {

Result run_guided_backprop(const Request& request, const WalkParams& p) {
    return walk_down(request, p, composites::guided_backprop());
}

}  // namespace

Method guided_backprop() {
    return define<WalkParams, run_guided_backprop>(
        {.id = "guided_backprop",
         .family = "attribution",
         .title = "Guided backprop",
         .question = "Which pixels excite the features that speak for the answer?",
         .formula = R"(R^{(l)} = \mathbb{1}[a^{(l)}>0]\,\max(R^{(l+1)}, 0))",
         .reference = {"Springenberg, Dosovitskiy, Brox, Riedmiller",
                       "Striving for Simplicity: The All Convolutional Net", 2015, "ICLR workshop"},
         .targets = any_target(),
         .outputs = walk_outputs(),
         .caveat = "Mostly a picture of the drawing's edges: it hardly changes when the class or even the upper "
                   "layers' weights change (Adebayo et al. 2018)."});
}

}  // namespace pellucid::methods
