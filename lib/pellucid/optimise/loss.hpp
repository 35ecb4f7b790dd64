/// Cross-entropy of logits against labels, with optional label smoothing.
///
/// L = −Σ_c t_c · log softmax(z)_c with t_c = (1 − s)·[c = label] + s/C; ∂L/∂z = softmax(z) − t.
/// Shapes: logits and gradient (N, 1, 1, C). Cost: one exponential per logit. Safe for logits of any finite size.
#pragma once

#include "pellucid/function_ref.hpp"
#include "pellucid/tensor.hpp"

#include <cstdint>
#include <span>

namespace pellucid::optimise {

struct LossSum {
    double loss = 0.0;        ///< summed over the samples, in nats
    std::size_t correct = 0;  ///< samples whose largest logit is the label
};

/// What a loss makes of one row of logits: adds to `loss` and writes the row's gradient.
using RowLoss = FunctionRef<void(std::span<const float> z, std::size_t label, double& loss, std::span<float> gradient)>;

/// Adds up a loss over the rows of logits, and counts those whose largest logit is the label. `gradient` takes the
/// logits' shape. Throws Error(bad_shape) where there is not one label for each row, and Error(bad_argument) for a
/// label that is not a class.
LossSum sum_over_rows(const Tensor& logits, std::span<const std::uint8_t> labels, Tensor& gradient, RowLoss row_loss);

/// Writes scale · ∂L/∂logits to `gradient` (which takes the logits' shape) and returns the unscaled sums.
/// smoothing: s, in [0, 1). Throws Error(bad_argument) for a label that is not a class.
LossSum cross_entropy(const Tensor& logits, std::span<const std::uint8_t> labels, float smoothing, float scale,
                      Tensor& gradient);

}  // namespace pellucid::optimise
