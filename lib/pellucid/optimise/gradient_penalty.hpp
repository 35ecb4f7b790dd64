/// A penalty on the input gradient: L + λ·Σ_n ‖∂F_n/∂x_n‖², and its exact gradient by the parameters.
///
/// F is the loss (Drucker, Le Cun: Improving Generalization Performance Using Double Backpropagation (1992); Ross,
/// Doshi-Velez: Improving the Adversarial Robustness and Interpretability of Deep Neural Networks by Regularizing their
/// Input Gradients (2018)), or r·logits with r standard normal, drawn anew for each image and step: in the mean the
/// squared Frobenius norm of the logits' Jacobian (Hoffman, Roberts, Yaida: Robust Learning with Jacobian
/// Regularization (2019)).
///
/// With g = ∂F/∂x and v = 2λg held fixed, ∂(λ‖g‖²)/∂θ = ∂(g·v)/∂θ = d/dh ∂F/∂θ(x + hv) at h = 0: the weight gradient of
/// F, differentiated along v. That derivative is carried through the network by the rules of differentiation, not by a
/// difference: T, how each value moves along v (forward), and how each signal D of ∂F moves (backward). A layer z = Wx
/// with the signal D gets the weight gradient Σ x·Dᵀ, so its derivative is Σ T·Dᵀ + x·Ḋᵀ; an activation f passes
/// Ḋ_x = f′(x)·Ḋ_y + f″(x)·T·D_y. Exact but for rounding, also for networks that are not piecewise linear.
/// Cost: two forward and two backward passes, and twice the weight gradients of a training step.
#pragma once

#include "pellucid/nn/network.hpp"
#include "pellucid/optimise/loss.hpp"

#include <cstdint>
#include <span>
#include <vector>

namespace pellucid::optimise {

/// Whose gradient: F.
enum class Penalised : std::uint8_t { loss, logits };

class GradientPenalty {
public:
    /// Memory of one walk; one per thread.
    struct Workspace {
        Trace trace;
        std::vector<Tensor> slope;     ///< per value: D, the signal of ∂F
        std::vector<Tensor> tangent;   ///< per value: T
        std::vector<Tensor> incoming;  ///< per value: the signal of the loss, and Ḋ
    };

    struct Terms {
        float smoothing;  ///< of the labels
        float scale;      ///< of all gradients
        float weight;     ///< λ
        std::uint32_t dropout_seed;
        std::span<const std::uint32_t> seeds;  ///< of each image's r
    };

    struct Sum {
        LossSum loss;          ///< with λ times the penalties
        double penalty = 0.0;  ///< Σ_n ‖∂F_n/∂x_n‖²
    };

    /// The network must outlive this and keep its graph; its weights may change. Throws Error(unsupported) where it has
    /// a layer that the derivative does not know: known are those that recipes take.
    GradientPenalty(Network& network, Penalised of);

    /// Adds scale · ∂(summed loss)/∂parameter to `gradients`, one tensor per parameter in the order of the nodes.
    Sum add_gradients(const Tensor& images, std::span<const std::uint8_t> labels, const Terms& terms,
                      std::span<Tensor> gradients, Workspace& workspace) const;

private:
    void pass_down(const Trace& trace, std::vector<Tensor>& signals, Workspace* second,
                   std::span<Tensor> gradients) const;
    void push_tangent(const Trace& trace, std::vector<Tensor>& tangent) const;

    Network* network_;
    Penalised of_;
    std::vector<std::size_t> first_gradient_;  ///< per node: place of its first parameter
};

}  // namespace pellucid::optimise
