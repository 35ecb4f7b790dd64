/// grad_cam: a layer's feature maps, weighted by how much the target depends on each. Selvaraju et al. 2017.
///
///   α_k = mean over positions of ∂f_t/∂A_k;  map = ReLU(Σ_k α_k A_k), enlarged bilinearly (half-pixel centres) to the
///     input.
/// A: the output of `layer` (h, w, K), before any Dense or Flatten; by default the last convolution that the target
/// depends on, or the activation right behind it.
/// Shapes: map (N, H, W, 1); images: "coarse", the map before it is enlarged (N, h, w, 1).
/// Cost: one forward pass, and a backward pass down to the layer.
#include "pellucid/methods/inside/class_activation.hpp"

#include "pellucid/ops.hpp"

namespace pellucid::methods {

namespace {

Result run_grad_cam(const Request& request, const CamParams& p) {
    return gradient_cam("grad_cam", request, p,
                        [](auto maps, auto gradients, std::size_t channels, std::span<double> coarse) {
                            std::vector<double> alpha(channels, 0.0);
                            ops::add_rows(alpha, gradients);
                            for (double& a : alpha) a /= static_cast<double>(coarse.size());
                            weighted_sum(maps, alpha, coarse);
                        });
}

}  // namespace

Method grad_cam() {
    return define<CamParams, run_grad_cam>(
        {.id = "grad_cam",
         .family = "inside",
         .title = "Grad-CAM",
         .question = "Where do the last feature maps see what speaks for the answer?",
         .formula = R"(\mathrm{ReLU}\Big(\sum_k \alpha_k A_k\Big),\quad \alpha_k = \frac1Z\sum_{ij}\frac{\partial )"
                    R"(f_t}{\partial A_{k,ij}})",
         .reference = {"Selvaraju, Cogswell, Das, Vedantam, Parikh, Batra",
                       "Grad-CAM: Visual Explanations from Deep Networks via Gradient-based Localization", 2017,
                       "ICCV"},
         .targets = any_target(),
         .outputs = cam_outputs(),
         .caveat = "As coarse as the layer's maps (a few pixels across), then smoothed; one weight per map cannot say "
                   "that a feature matters in one place and not in another."});
}

}  // namespace pellucid::methods
