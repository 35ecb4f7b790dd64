/// Learning rate over a training: linear warm-up, then half a cosine down to a last value.
///
/// rate(t) = peak·(t + 1)/warm_up for t < warm_up; else last + (peak − last)·(1 + cos(π·(t − warm_up)/(steps −
/// warm_up)))/2. Without the cosine the peak all along, but for a straight way down to the last value over the last
/// `cool_down_epochs`: how far such a training goes can be decided while it runs.
/// Loshchilov, Hutter: SGDR: Stochastic Gradient Descent with Warm Restarts (2017), without restarts.
#pragma once

#include <cstdint>

namespace pellucid::optimise {

struct Schedule {
    float learning_rate = 1e-3F;       ///< peak, > 0
    float final_learning_rate = 0.0F;  ///< in [0, peak]
    float warm_up_epochs = 0.0F;       ///< ≥ 0, may be a fraction
    bool cosine = true;                ///< false: the peak all along after the warm-up
    float cool_down_epochs = 0.0F;     ///< without the cosine; ≥ 0, may be a fraction
};

/// Learning rate of step `step` of `epochs` epochs of `steps_per_epoch` steps.
float learning_rate_at(const Schedule& schedule, std::uint64_t step, std::uint64_t steps_per_epoch,
                       std::uint64_t epochs);

}  // namespace pellucid::optimise
