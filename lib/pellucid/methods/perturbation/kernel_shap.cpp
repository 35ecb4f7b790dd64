/// kernel_shap: Shapley values of groups by the regression that has them as its solution. Lundberg & Lee 2017.
///
///   min over φ of Σ_z π(z) (f_t(x_z) − f_t(x') − z·φ)²  under  Σ φ = f_t(x) − f_t(x'),
///   π(z) = (M − 1) / (C(M, |z|)·|z|·(M − |z|)),  z all coalitions but none and all
/// Groups that do not differ from the baseline get 0 and are no players. With at most 10 players, or where `samples`
/// covers all 2^M − 2 coalitions, all are asked and the values are exact. Above, sizes are drawn by the kernel,
/// coalitions of a size evenly, each together with its complement (Covert & Lee 2021), and all count the same. Pair i
/// depends on the seed and i alone; `coalitions` (samples, groups) replays given ones, over all groups.
/// Where fewer coalitions are asked than there are players, the solution nearest to equal shares is taken.
/// Deviation: captum and shap weigh the constraint by 1e6 or eliminate a player; here it is met exactly, symmetrically.
/// Shapes: map (N, H, W, 1), each pixel its group's value; scores (N, 1, 1, groups).
/// Cost: one forward pass per coalition, in batches, and a system of as many equations as players.
#include "pellucid/methods/perturbation/coalitions.hpp"
#include "pellucid/methods/perturbation/game.hpp"
#include "pellucid/methods/perturbation/least_squares.hpp"
#include "pellucid/methods/perturbation/shapley.hpp"

#include <cmath>
#include <numeric>

namespace pellucid::methods {

namespace {

struct KernelShapParams {
    GroupParams groups;
    std::size_t samples = 2000;
    BaselineParams baseline;
    std::uint32_t seed = 0;
    std::shared_ptr<const Tensor> coalitions;
};

void describe(Fields& f, KernelShapParams& p) {
    describe(f, p.groups);
    f.integer("samples", p.samples, {1, 100000}, "coalitions that are asked, where there are too many to ask all")
        .at_most_while_drawing(100);
    describe(f, p.baseline);
    f.random_seed("seed", p.seed, "seed of the coalitions");
    f.image("coalitions", p.coalitions, "coalitions to replay, (samples, groups): 1 shows, 0 hides").replay();
}

/// The players of one input, and the coalitions of them that are asked.
struct PlayersOfInput {
    std::vector<std::size_t> groups;
    bool exact = false;
    std::size_t coalitions = 0;
    std::vector<double> sizes;  ///< probability that a sampled coalition is of at most 1, 2, … players
};

PlayersOfInput players_of(const std::vector<std::size_t>& present, std::size_t samples) {
    PlayersOfInput of{present, present.size() <= most_exact_players, samples, {}};
    const std::size_t m = present.size();
    if (!of.exact && m < 20) of.exact = (std::size_t{1} << m) - 2 <= samples;
    if (of.exact) {
        of.coalitions = m < 2 ? 0 : (std::size_t{1} << m) - 2;
        return of;
    }
    double sum = 0;
    for (std::size_t k = 1; k < m; ++k) of.sizes.push_back(sum += 1.0 / static_cast<double>(k * (m - k)));
    for (double& p : of.sizes) p /= sum;
    return of;
}

class KernelShapRun final : public PartedRun {
public:
    KernelShapRun(const Request& request, const KernelShapParams& p)
        : game_(request, p.groups, p.baseline), seed_(p.seed) {
        if (p.coalitions) replayed_ = replayed_coalitions(*p.coalitions, game_.players(), "kernel_shap");
        std::vector<std::size_t> counts;
        for (std::size_t n = 0; n < game_.inputs(); ++n) {
            if (replayed_.empty()) {
                players_.push_back(players_of(game_.present(n), p.samples));
            } else {
                std::vector<std::size_t> all(game_.players());
                std::iota(all.begin(), all.end(), std::size_t{0});
                players_.push_back({std::move(all), false, replayed_.size(), {}});
            }
            counts.push_back(players_[n].coalitions);
            sums_.emplace_back(players_[n].groups.size());
        }
        parts_ = parts_of(counts);
    }

    std::size_t parts() const override { return parts_.size(); }

    std::vector<Tensor> compute(std::size_t part) override {
        const auto [n, first, count] = parts_[part];
        std::vector<Coalition> shown(count, Coalition(game_.players(), 0));
        for (std::size_t i = 0; i < count; ++i) {
            const Coalition members = coalition(n, first + i);
            for (std::size_t j = 0; j < members.size(); ++j) shown[i][players_[n].groups[j]] = members[j];
        }
        return list_of(row_of(game_.worth(n, shown)));
    }

    Result snapshot() override {
        Tensor scores = zeros({game_.inputs(), 1, 1, game_.players()});
        Scalar asked;
        Completeness completeness;
        for (std::size_t n = 0; n < game_.inputs(); ++n) {
            const std::vector<double> values = sums_[n].with_sum(game_.value(n) - game_.at_baseline(n));
            for (std::size_t j = 0; j < values.size(); ++j) {
                sample(scores, n)[players_[n].groups[j]] = static_cast<float>(values[j]);
            }
            completeness.add(std::accumulate(values.begin(), values.end(), 0.0), game_.value(n), game_.at_baseline(n));
            asked.per_sample.push_back(static_cast<double>(players_[n].coalitions));
        }
        Result result = game_.result(std::move(scores));
        completeness.add_to(result);
        result.add("coalitions", std::move(asked));
        return result;
    }

protected:
    void take(std::size_t part, const std::vector<Tensor>& computed) override {
        const auto [n, first, count] = parts_[part];
        for (std::size_t i = 0; i < count; ++i) {
            const Coalition members = coalition(n, first + i);
            const auto size = static_cast<std::size_t>(std::accumulate(members.begin(), members.end(), 0U));
            if (size == 0 || size == members.size())
                continue;  // replayed ones: the constraint says what they are worth
            sums_[n].add(members, static_cast<double>(computed[0].data()[i]) - game_.at_baseline(n),
                         players_[n].exact ? shapley_kernel(members.size(), size) : 1.0);
        }
    }

private:
    /// Which of the players of input n coalition `number` shows.
    Coalition coalition(std::size_t n, std::size_t number) const {
        const PlayersOfInput& of = players_[n];
        if (!replayed_.empty()) return replayed_[number];
        const std::size_t m = of.groups.size();
        Coalition members(m, 0);
        if (of.exact) {
            for (std::size_t j = 0; j < m; ++j) members[j] = (number + 1) >> j & 1U;
            return members;
        }
        Random random = stream(seed_, Purpose::subset, 0, number / 2);
        const double place = static_cast<double>(random.uniform());
        std::size_t size = 1;
        while (size + 1 < m && place >= of.sizes[size - 1]) ++size;
        std::vector<std::size_t> order(m);
        std::iota(order.begin(), order.end(), std::size_t{0});
        random.shuffle(order);
        for (std::size_t j = 0; j < m; ++j) members[order[j]] = (j < size) != (number % 2 == 1) ? 1 : 0;
        return members;
    }

    Game game_;
    std::uint32_t seed_;
    std::vector<Coalition> replayed_;
    std::vector<PlayersOfInput> players_;
    std::vector<CoalitionSums> sums_;
    std::vector<Partition::Part> parts_;
};

std::unique_ptr<Run> start_kernel_shap(const Request& request, const KernelShapParams& p) {
    return std::make_unique<KernelShapRun>(request, p);
}

std::vector<Output> kernel_shap_outputs() {
    std::vector<Output> outputs = group_outputs("the groups' Shapley values");
    const std::vector<Output> sums = contribution_outputs();
    outputs.insert(outputs.end(), sums.begin() + 1, sums.end());
    outputs.push_back(scalar_output("coalitions", "", "coalitions that were asked"));
    return outputs;
}

}  // namespace

Method kernel_shap() {
    return define<KernelShapParams, start_kernel_shap>(
        {.id = "kernel_shap",
         .family = "perturbation",
         .title = "Kernel SHAP",
         .question = "What is each piece's fair share of the score, over all ways to put the drawing together?",
         .formula = R"(\min_\varphi \sum_z \pi(z)\,(f_t(x_z) - f_t(x') - z^\top\varphi)^2,\ \textstyle\sum\varphi = )"
                    R"(f_t(x)-f_t(x'))",
         .reference = {"Lundberg, Lee", "A Unified Approach to Interpreting Model Predictions", 2017, "NeurIPS"},
         .targets = any_target(),
         .outputs = kernel_shap_outputs(),
         .caveat =
             "With more than ten pieces a sampled estimate. The share is fair among these pieces against this "
             "baseline: other pieces, other shares; and half-erased drawings are nothing that the network has been "
             "trained on.",
         .progressive = true,
         .pace = Pace::rest});
}

}  // namespace pellucid::methods
