/// input_x_gradient: x ⊙ ∂f_t/∂x, each pixel's share in a linear reading of the network. Shrikumar et al. 2016.
///
/// Shapes: map as the input. Cost: one forward and one backward pass, shared with `gradient`.
#include "pellucid/methods/method.hpp"

#include "pellucid/simd/kernels.hpp"

namespace pellucid::methods {

namespace {

Result run_input_x_gradient(const Request& request, const NoParams&) {
    const auto& [gradient, values] = request.explainer.plain().slope(request.input, request.target);
    Tensor map(request.input.shape());
    simd::kernels().multiply(gradient.size(), gradient.data(), request.input.data(), map.data());
    Result result;
    result.add("map", Map{std::move(map)});
    result.value = values;
    return result;
}

}  // namespace

Method input_x_gradient() {
    return define<NoParams, run_input_x_gradient>(
        {.id = "input_x_gradient",
         .family = "attribution",
         .title = "Input × gradient",
         .question = "How much does each pixel contribute if the network is read as linear around this drawing?",
         .formula = R"(x \odot \frac{\partial f_t}{\partial x})",
         .reference = {"Shrikumar, Greenside, Shcherbina, Kundaje",
                       "Not Just a Black Box: Learning Important Features Through Propagating Activation Differences",
                       2016, "arXiv:1605.01713"},
         .targets = any_target(),
         .outputs = {map_output(MapKind::signed_values)},
         .caveat = "Paper (0) can never contribute, even where the absence of ink is what decides; with biases and "
                   "saturation the contributions do not sum to the answer."});
}

}  // namespace pellucid::methods
