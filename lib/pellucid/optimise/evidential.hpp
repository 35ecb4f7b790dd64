/// The loss of evidential output (nn/evidence.hpp): logits z become a Dirichlet distribution, which should expect the
/// label and hold no evidence for anything else. Sensoy, Kaplan, Kandemir: Evidential Deep Learning to Quantify
/// Classification Uncertainty (2018), equation 5 and the divergence beneath it.
///
/// With e = f(z), α = e + 1, S = Σ α, p = α/S and y the label as a vector of one 1:
///
///   L = Σ_k (y_k − p_k)² + p_k(1 − p_k)/(S + 1)  +  λ·KL(Dir(α̃) ‖ Dir(1)),    α̃ = y + (1 − y)·α
///
/// The first part is the expectation of Σ (y − p)² under Dir(α). α̃ is what remains without the label's own evidence,
/// so the divergence takes away the evidence for wrong answers; λ, which rises from 0 to 1 while training begins, gives
/// the network time to find right ones first. With K classes, S̃ = Σ α̃, ψ the digamma function:
///
///   KL = log Γ(S̃) − log Γ(K) − Σ log Γ(α̃_k) + Σ (α̃_k − 1)(ψ(α̃_k) − ψ(S̃))
///   ∂KL/∂α̃_k = (α̃_k − 1)·ψ′(α̃_k) − (S̃ − K)·ψ′(S̃)
///
/// Shapes: logits and gradient (N, 1, 1, K). Cost: some tens of logarithms per logit. In double.
#pragma once

#include "pellucid/nn/evidence.hpp"
#include "pellucid/optimise/loss.hpp"

namespace pellucid::optimise {

/// Writes scale · ∂L/∂logits to `gradient` (which takes the logits' shape) and returns the unscaled sums.
/// weight: λ, in [0, 1]. `function` is not none. Throws Error(bad_argument) for a label that is not a class.
LossSum evidential_loss(const Tensor& logits, std::span<const std::uint8_t> labels, Evidence function, float weight,
                        float scale, Tensor& gradient);

/// L of one sample and ∂L/∂z, in double.
double evidential_loss(std::span<const double> logits, std::size_t label, Evidence function, double weight,
                       std::span<double> gradient);

}  // namespace pellucid::optimise
