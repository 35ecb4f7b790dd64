/// gradient: ∂f_t/∂x, how much the target changes with each pixel. Simonyan et al. 2013.
///
/// Shapes: map as the input (N, H, W, C). Cost: one forward and one backward pass, shared with the other methods that
/// ask for the same input and target. At x = 0 a ReLU passes nothing, as in PyTorch. compat = captum: the absolute value,
/// as captum's Saliency takes it unless told otherwise.
#include "pellucid/methods/method.hpp"

#include <cmath>

namespace pellucid::methods {

namespace {

Result run_gradient(const Request& request) {
    Evaluator& evaluator = request.explainer.plain();
    Result result;
    result.map = evaluator.gradients(request.input, request.target).values[0];
    if (request.params.flag("absolute")) {
        for (float& v : elements(result.map)) v = std::abs(v);
    }
    result.value = target_values(request.target, evaluator.network(), evaluator.trace(request.input));
    return result;
}

}  // namespace

Method gradient() {
    const std::vector<Preset> presets{{"captum", {{"absolute", true}}}};
    return {
        {.id = "gradient",
         .family = "attribution",
         .title = "Gradient",
         .question = "Which pixels would change the answer most if they changed a little?",
         .formula = R"(\frac{\partial f_t}{\partial x})",
         .reference = {"Simonyan, Vedaldi, Zisserman",
                       "Deep Inside Convolutional Networks: Visualising Image Classification Models and Saliency Maps",
                       2013, "arXiv:1312.6034"},
         .targets = any_target(),
         .params = {flag_param("absolute", false, "show how strongly, not in which direction"), compat_param(presets)},
         .result = ResultKind::signed_map,
         .caveat = "It tells what a tiny change would do, not how much a pixel contributed; where the network is "
                   "saturated it is close to 0 however important the pixel is.",
         .presets = presets},
        [](const Request& request) { return single_run([request] { return run_gradient(request); }); }};
}

}  // namespace pellucid::methods
