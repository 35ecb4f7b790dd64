/// What methods share that average over many neighbours of an input, or compare it with a baseline.
#pragma once

#include "pellucid/methods/attribution/moments.hpp"
#include "pellucid/methods/method.hpp"
#include "pellucid/random.hpp"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

namespace pellucid::methods {

/// Most neighbours in one batch: enough for the kernels, few enough for their trace to stay in the cache, and for
/// WebAssembly so few that there are parts for all workers of a pool.
#if defined(__EMSCRIPTEN__)
inline constexpr std::size_t neighbours_per_part = 8;
#else
inline constexpr std::size_t neighbours_per_part = 25;
#endif

/// The parts of a batch of `samples` inputs with `neighbours` each: input by input, a few neighbours a part, the first
/// ones of an input with one more than the others where they cannot be even.
class Partition {
public:
    Partition(std::size_t samples, std::size_t neighbours, std::size_t per_part = neighbours_per_part)
        : samples_(samples), neighbours_(neighbours), per_part_(per_part) {}

    struct Part {
        std::size_t sample, first, count;
    };
    std::size_t neighbours() const { return neighbours_; }
    std::size_t per_sample() const { return (neighbours_ + per_part_ - 1) / per_part_; }
    std::size_t parts() const { return samples_ * per_sample(); }
    Part operator[](std::size_t part) const {
        const std::size_t of_sample = part % per_sample();
        return {part / per_sample(), before(of_sample), before(of_sample + 1) - before(of_sample)};
    }
    /// Neighbours of input `sample` that the first `done` parts hold.
    std::size_t neighbours_done(std::size_t sample, std::size_t done) const {
        const std::size_t first = sample * per_sample();
        return done <= first ? 0 : before(std::min(per_sample(), done - first));
    }

private:
    /// Neighbours in the first `parts` parts of an input.
    std::size_t before(std::size_t parts) const {
        return parts * (neighbours_ / per_sample()) + std::min(parts, neighbours_ % per_sample());
    }

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
    /// The next input: the sum of its contributions, f_t(x) and f_t(x').
    void add(double contributions, double value, double at_baseline) {
        const double wanted = value - at_baseline;
        gap_.per_sample.push_back(std::abs(contributions - wanted) / std::max(std::abs(wanted), 1e-12));
        at_baseline_.per_sample.push_back(at_baseline);
    }

    /// "completeness_gap", what is missing as a share of the difference, and "baseline_value", of every input.
    void add_to(Result& result) const {
        result.add("completeness_gap", gap_);
        result.add("baseline_value", at_baseline_);
    }

private:
    Scalar gap_, at_baseline_;
};

/// The outputs of methods whose contributions sum to f_t(x) − f_t(x'): a map, and what Completeness adds.
std::vector<Output> contribution_outputs();
/// The same for means over samples, as mean_contributions() gives them.
std::vector<Output> mean_contribution_outputs();

/// The result of the first `done` parts where what is sampled are contributions against baselines: their mean, its
/// "standard_error" (with 2 neighbours and more) and their completeness. `baseline_sums`: of f_t(x'), input by input.
Result mean_contributions(const Request& request, const SettledTargets& settled, const Partition& partition,
                          std::size_t done, const Moments& moments, const std::vector<double>& baseline_sums);

}  // namespace pellucid::methods
