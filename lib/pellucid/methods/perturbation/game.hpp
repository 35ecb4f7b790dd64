/// The cooperative game behind ablation, LIME and the Shapley methods: the players are groups of pixels, and what a
/// coalition is worth is the target's value where its groups show the input and all others the baseline.
#pragma once

#include "pellucid/methods/attribution/baseline.hpp"
#include "pellucid/methods/attribution/sampling.hpp"
#include "pellucid/methods/perturbation/groups.hpp"

#include <span>

namespace pellucid::methods {

/// Which groups a coalition shows: 1 or 0 for each.
using Coalition = std::vector<std::uint8_t>;

class Game {
public:
    /// `baseline`: shaped as the input.
    Game(const Request& request, Grouping grouping, Tensor baseline);
    Game(const Request& request, const GroupParams& groups, const BaselineParams& baseline_params)
        : Game(request, group_pixels(request, groups), baseline(request, baseline_params)) {}

    std::size_t inputs() const { return request_.input.shape()[0]; }
    std::size_t players() const { return grouping_.count(); }
    const Grouping& grouping() const { return grouping_; }

    /// f_t(x) and f_t(x') of input n.
    double value(std::size_t n) const { return settled_.values[n]; }
    double at_baseline(std::size_t n) const { return at_baseline_[n]; }

    /// What coalitions of input n are worth, in one batch.
    std::vector<double> worth(std::size_t n, std::span<const Coalition> coalitions);

    /// Players of input n that differ from the baseline in some pixel. All others change nothing: whatever is asked of
    /// them is exactly 0, and nobody needs to ask the network.
    const std::vector<std::size_t>& present(std::size_t n) const { return present_[n]; }

    /// A result with f_t(x), the "map" that paints scores (N, 1, 1, players) on their pixels, and the "scores".
    Result result(Tensor scores) const;

private:
    Request request_;
    Grouping grouping_;
    Tensor baseline_;
    Evaluator& evaluator_;
    SettledTargets settled_;
    std::vector<double> at_baseline_;
    std::vector<std::vector<std::size_t>> present_;
};

/// "map" and "scores", as Game::result() gives them.
std::vector<Output> group_outputs(Words of_scores);

/// Parts of `counts[n]` questions about input n, most of them `per_part`; of an input without questions one empty part,
/// so that every input has been looked at when its parts are done.
std::vector<Partition::Part> parts_of(std::span<const std::size_t> counts, std::size_t per_part = neighbours_per_part);

/// Values as one tensor (1, 1, 1, count), as parts hand them on.
Tensor row_of(std::span<const double> values);

}  // namespace pellucid::methods
