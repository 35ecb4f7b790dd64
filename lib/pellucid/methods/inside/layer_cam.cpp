/// layer_cam: a layer's feature maps, each position weighted by its own positive gradient. Jiang et al. 2021.
///
///   map = ReLU(Σ_k ReLU(∂f_t/∂A_k,ij)·A_k,ij), enlarged bilinearly (half-pixel centres) to the input.
/// A: as for grad_cam. Since no weight is averaged over positions, it also works at early layers, whose maps are fine.
/// Shapes: map (N, H, W, 1), "coarse" (N, h, w, 1). Cost: one forward pass, and a backward pass down to the layer.
#include "pellucid/methods/inside/class_activation.hpp"

#include <algorithm>

namespace pellucid::methods {

namespace {

Result run_layer_cam(const Request& request, const CamParams& p) {
    return gradient_cam("layer_cam", request, p,
                        [](auto maps, auto gradients, std::size_t channels, std::span<double> coarse) {
                            std::fill(coarse.begin(), coarse.end(), 0.0);
                            for (std::size_t i = 0; i < maps.size(); ++i) {
                                coarse[i / channels] +=
                                    static_cast<double>(std::max(gradients[i], 0.0F)) * static_cast<double>(maps[i]);
                            }
                        });
}

}  // namespace

Method layer_cam() {
    return define<CamParams, run_layer_cam>(
        {.id = "layer_cam",
         .family = "inside",
         .title = "Layer-CAM",
         .question = "At which places of a layer does what is seen there speak for the answer?",
         .formula =
             R"(\mathrm{ReLU}\Big(\sum_k \mathrm{ReLU}\Big(\frac{\partial f_t}{\partial A_{k,ij}}\Big) A_{k,ij}\Big))",
         .reference = {"Jiang, Zhang, Hou, Cheng, Wei",
                       "LayerCAM: Exploring Hierarchical Class Activation Maps for Localization", 2021, "IEEE TIP"},
         .targets = any_target(),
         .outputs = cam_outputs(),
         .caveat =
             "It leaves out every place where more of a feature would speak against the answer, so it cannot show "
             "what is missing; at early layers it is close to gradient times activation."});
}

}  // namespace pellucid::methods
