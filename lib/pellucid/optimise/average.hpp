/// Exponential moving average of weights over the steps of a training: smoother, and as a rule a little more accurate.
///
/// average ← average + (1 − d)·(weights − average), d = min(decay, (1 + t)/(10 + t)) at step t, so that the random
/// start is forgotten early.
#pragma once

#include "pellucid/tensor.hpp"

#include <cstdint>
#include <span>
#include <vector>

namespace pellucid::optimise {

class WeightAverage {
public:
    /// decay in [0, 1); 0 = the average is the last weights. Starts at the given weights.
    WeightAverage(float decay, std::span<Tensor* const> weights);

    /// step: number of steps taken before this one.
    void update(std::span<Tensor* const> weights, std::uint64_t step);

    const std::vector<Tensor>& values() const { return values_; }
    void restore(std::vector<Tensor> values) { values_ = std::move(values); }

private:
    float decay_;
    std::vector<Tensor> values_;
};

}  // namespace pellucid::optimise
