/// What methods share that average over many neighbours of an input, or compare it with a baseline.
#pragma once

#include "pellucid/methods/method.hpp"
#include "pellucid/random.hpp"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

namespace pellucid::methods {

/// Neighbours in one batch: enough for the kernels, few enough for their trace to stay in the cache.
inline constexpr std::size_t neighbours_per_part = 8;

/// The parts of a batch of `samples` inputs with `neighbours` each: input by input, a few neighbours a part.
class Partition {
public:
    Partition(std::size_t samples, std::size_t neighbours, std::size_t per_part = neighbours_per_part)
        : samples_(samples), neighbours_(neighbours), per_part_(per_part) {}

    struct Part {
        std::size_t sample, first, count;
    };
    std::size_t per_sample() const { return (neighbours_ + per_part_ - 1) / per_part_; }
    std::size_t parts() const { return samples_ * per_sample(); }
    Part operator[](std::size_t part) const {
        const std::size_t first = part % per_sample() * per_part_;
        return {part / per_sample(), first, std::min(per_part_, neighbours_ - first)};
    }
    /// Neighbours of input `sample` that the first `done` parts hold.
    std::size_t neighbours_done(std::size_t sample, std::size_t done) const {
        const std::size_t before = sample * per_sample();
        return done <= before ? 0 : std::min(neighbours_, (done - before) * per_part_);
    }

private:
    std::size_t samples_, neighbours_, per_part_;
};

/// The target of every sample, "predicted" settled at the unperturbed input, and the target's values there.
struct SettledTargets {
    std::vector<Target> targets;
    std::vector<double> values;
};
SettledTargets settle_targets(const Request& request, Evaluator& evaluator);

/// How far contributions are from summing to f_t(x) − f_t(x'), over the inputs of a batch.
class Completeness {
public:
    /// One input: the sum of its contributions, f_t(x) and f_t(x').
    void add(double contributions, double value, double at_baseline) {
        const double wanted = value - at_baseline;
        gap_ += std::abs(contributions - wanted) / std::max(std::abs(wanted), 1e-12);
        at_baseline_ += at_baseline;
        inputs_ += 1;
    }

    /// Means over the inputs: "completeness_gap", what is missing as a share of the difference, and "baseline_value".
    std::vector<std::pair<std::string, double>> numbers() const {
        const double inputs = std::max(inputs_, 1.0);
        return {{"completeness_gap", gap_ / inputs}, {"baseline_value", at_baseline_ / inputs}};
    }

private:
    double gap_ = 0, at_baseline_ = 0, inputs_ = 0;
};

/// The random numbers of neighbour `number`: they depend on the parameter `seed` and the number alone.
inline Random neighbour_stream(const Params& params, std::size_t number) {
    return Random(static_cast<std::uint32_t>(params.integer("seed")) * 1000003U + static_cast<std::uint32_t>(number));
}

}  // namespace pellucid::methods
