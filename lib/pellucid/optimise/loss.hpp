/// Cross-entropy of logits against labels, with optional label smoothing.
///
/// L = −Σ_c t_c · log softmax(z)_c with t_c = (1 − s)·[c = label] + s/C; ∂L/∂z = softmax(z) − t.
/// Shapes: logits and gradient (N, 1, 1, C). Cost: one exponential per logit. Safe for logits of any finite size.
#pragma once

#include "pellucid/tensor.hpp"

#include <cstdint>
#include <span>

namespace pellucid::optimise {

struct LossSum {
    double loss = 0.0;        ///< summed over the samples, in nats
    std::size_t correct = 0;  ///< samples whose largest logit is the label
};

/// Writes scale · ∂L/∂logits to `gradient` (which takes the logits' shape) and returns the unscaled sums.
/// smoothing: s, in [0, 1). Throws Error(bad_argument) for a label that is not a class.
LossSum cross_entropy(const Tensor& logits, std::span<const std::uint8_t> labels, float smoothing, float scale,
                      Tensor& gradient);

}  // namespace pellucid::optimise
