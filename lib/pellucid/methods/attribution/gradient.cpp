/// gradient: ∂f_t/∂x, how much the target changes with each pixel. Simonyan et al. 2013.
///
/// Shapes: map as the input (N, H, W, C). Cost: one forward and one backward pass, shared with the other methods that
/// ask for the same input and target. At x = 0 a ReLU passes nothing, as in PyTorch. compat = captum: the absolute
/// value, as captum's Saliency takes it unless told otherwise.
#include "pellucid/methods/method.hpp"

#include "pellucid/ops.hpp"

#include <cmath>

namespace pellucid::methods {

namespace {

struct GradientParams {
    bool absolute = false;
};

void describe(Fields& f, GradientParams& p) {
    f.flag("absolute", p.absolute, "show how strongly, not in which direction");
    f.compat([] { return std::vector<Preset>{{"captum", {{"absolute", true}}}}; });
}

Result run_gradient(const Request& request, const GradientParams& p) {
    const Evaluator::Slope& slope = request.explainer.plain().slope(request.input, request.target);
    Tensor map = slope.gradient;
    if (p.absolute) ops::absolute(elements(map));
    Result result;
    result.add("map", Map{std::move(map)});
    result.value = slope.values;
    return result;
}

}  // namespace

Method gradient() {
    return define<GradientParams, run_gradient>(
        {.id = "gradient",
         .family = "attribution",
         .title = "Gradient",
         .question = "Which pixels would change the answer most if they changed a little?",
         .formula = R"(\frac{\partial f_t}{\partial x})",
         .reference = {"Simonyan, Vedaldi, Zisserman",
                       "Deep Inside Convolutional Networks: Visualising Image Classification Models and Saliency Maps",
                       2013, "arXiv:1312.6034"},
         .targets = any_target(),
         .outputs = {map_output(MapKind::signed_values)},
         .caveat = "It tells what a tiny change would do, not how much a pixel contributed; where the network is "
                   "saturated it is close to 0 however important the pixel is."});
}

}  // namespace pellucid::methods
