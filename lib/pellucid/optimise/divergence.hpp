/// The Kullback–Leibler divergence of the answers to two inputs, KL(p ‖ q) = Σ_c p_c·(log p_c − log q_c) with
/// p = softmax(z), q = softmax(z′), and its gradients: ∂/∂z′ = q − p; ∂/∂z = p ⊙ (log p − log q − KL).
/// Shapes: logits (N, 1, 1, C). Cost: an exponential per logit.
#pragma once

#include "pellucid/tensor.hpp"

namespace pellucid::optimise {

/// Writes softmax(logits) − p, the gradient by the second logits, to `gradient`, which takes their shape.
void divergence_gradient(const Tensor& p, const Tensor& logits, Tensor& gradient);

/// Of a batch whose second half holds the changed images of its first: adds scale·gradient to that of both halves'
/// logits and returns the divergences' unscaled sum.
double add_divergence(const Tensor& logits, float scale, Tensor& gradient);

}  // namespace pellucid::optimise
