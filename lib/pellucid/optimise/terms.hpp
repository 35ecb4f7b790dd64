/// The terms that objectives add up: each takes one sample's numbers and gives a number, whose gradient it adds, times
/// a scale, to `gradient`. Sums are in double. Cost: one pass over the numbers.
#pragma once

#include "pellucid/tensor.hpp"

#include <cstdint>
#include <span>

namespace pellucid::optimise {

using Numbers = std::span<const float>;

/// ‖x − to‖² = Σ (x_i − to_i)²; with weights Σ w_i·(x_i − to_i)². An empty `to` is 0.
double squared_distance(Numbers x, Numbers to, double scale, std::span<float> gradient);
double squared_distance(Numbers x, Numbers to, Numbers weights, double scale, std::span<float> gradient);

/// Total variation of an image (·, h, w, c): Σ (d_x² + d_y² + ε)^(β/2) − ε^(β/2) over pixels and channels, where d_x
/// and d_y are the differences to the right and lower neighbour (0 at the edge) and ε = 1e-8 keeps the root smooth at
/// 0. β = 1: edges may be sharp; β = 2: smooth everywhere.
/// Mahendran, Vedaldi: Understanding Deep Image Representations by Inverting Them (2015).
double total_variation(const Shape& shape, Numbers x, double beta, double scale, std::span<float> gradient);

/// log softmax(z)_label, at most 0; near 0 without cancellation. Its negative is the cross-entropy of one sample.
double log_softmax_at(Numbers logits, std::size_t label, double scale, std::span<float> gradient);
/// log σ(z), and log(1 − σ(z)) with yes = false: the terms of binary cross-entropy and of a GAN's losses.
double log_sigmoid(float logit, bool yes, double scale, float& gradient);

/// away: max(0, κ + z_label − max_{j ≠ label} z_j), which is 0 once another class leads by κ; else the same turned
/// round, 0 once the label leads by κ. Of one logit alone, yes (1) from z > 0 on.
double margin(Numbers logits, std::size_t label, bool away, double kappa, double scale, std::span<float> gradient);

}  // namespace pellucid::optimise
