/// grad_cam_pp: Grad-CAM with a weight for every position, so that a feature that occurs several times counts each
/// time. Chattopadhyay, Sarkar, Howlader, Balasubramanian 2018.
///
///   w_k = Σ_ij α_k,ij·ReLU(g_k,ij),  α_k,ij = g² / (2g² + S_k·g³ + ε),  S_k = Σ_ij A_k,ij,  g = ∂f_t/∂A_k,ij,  ε =
///     1e-6
///   map = ReLU(Σ_k w_k A_k), enlarged bilinearly (half-pixel centres) to the input.
/// A: as for grad_cam. The paper derives α for exp(f_t); its higher derivatives are then powers of g, as here and in
/// pytorch-grad-cam, whose ε is taken over: it matters where g² is as small.
/// Shapes: map (N, H, W, 1), "coarse" (N, h, w, 1). Cost: one forward pass, and a backward pass down to the layer.
#include "pellucid/methods/inside/class_activation.hpp"

#include "pellucid/ops.hpp"

#include <algorithm>

namespace pellucid::methods {

namespace {

constexpr double grad_cam_pp_epsilon = 1e-6;

void sum_grad_cam_pp(std::span<const float> maps, std::span<const float> gradients, std::size_t channels,
                     std::span<double> coarse) {
    std::vector<double> total(channels, 0.0), weights(channels, 0.0);
    ops::add_rows(total, maps);
    for (std::size_t i = 0; i < gradients.size(); ++i) {
        const double g = gradients[i];
        if (g <= 0) continue;  // its ReLU is 0
        weights[i % channels] += g * g * g / (2 * g * g + total[i % channels] * g * g * g + grad_cam_pp_epsilon);
    }
    weighted_sum(maps, weights, coarse);
}

Result run_grad_cam_pp(const Request& request, const CamParams& p) {
    return gradient_cam("grad_cam_pp", request, p, sum_grad_cam_pp);
}

}  // namespace

Method grad_cam_pp() {
    return define<CamParams, run_grad_cam_pp>(
        {.id = "grad_cam_pp",
         .family = "inside",
         .title = "Grad-CAM++",
         .question = "Where do the feature maps see what speaks for the answer, each place counted for itself?",
         .formula = R"(\mathrm{ReLU}\Big(\sum_k w_k A_k\Big),\quad w_k = \sum_{ij}\frac{g_{k,ij}^2}{2 g_{k,ij}^2 + )"
                    R"(g_{k,ij}^3\sum_{ab} A_{k,ab}}\,\mathrm{ReLU}(g_{k,ij}))",
         .reference = {"Chattopadhyay, Sarkar, Howlader, Balasubramanian",
                       "Grad-CAM++: Generalized Gradient-based Visual Explanations for Deep Convolutional Networks",
                       2018, "WACV"},
         .targets = any_target(),
         .outputs = cam_outputs(),
         .caveat = "As coarse as the layer's maps. The weights are a ratio of powers of the gradient: at layers whose "
                   "maps have both signs its denominator can come close to 0, so activations are the layers to take."});
}

}  // namespace pellucid::methods
