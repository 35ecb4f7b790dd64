/// deconvnet: a class's signal projected back through rectified, unpooled layers. Zeiler & Fergus 2014.
///
/// At a ReLU: max(signal, 0), the forward mask is ignored; unpooling through the recorded switches. Seed: ∂target (all
/// filters), or 1 at the strongest unit of one channel of any layer (start = strongest, a single filter: the paper's
/// use, which starts from the unit's activation; times the result's value ours is the same).
/// Shapes: map as the input. Cost: one forward and one backward pass.
#include "pellucid/methods/attribution/rectified.hpp"

namespace pellucid::methods {

namespace {

Result run_deconvnet(const Request& request, const WalkParams& p) {
    return walk_down(request, p, composites::deconvnet());
}

}  // namespace

Method deconvnet() {
    return define<WalkParams, run_deconvnet>(
        {.id = "deconvnet",
         .family = "attribution",
         .title = "Deconvnet",
         .question = "What pattern in the drawing do the features behind the answer stand for?",
         .formula = R"(R^{(l)} = \max(R^{(l+1)}, 0))",
         .reference = {"Zeiler, Fergus", "Visualizing and Understanding Convolutional Networks", 2014, "ECCV"},
         .targets = any_target(),
         .outputs = walk_outputs(),
         .caveat = "Its detail comes from the max-pools' switches, that is from the drawing, rather than from the "
                   "class: different classes give nearly the same picture."});
}

}  // namespace pellucid::methods
