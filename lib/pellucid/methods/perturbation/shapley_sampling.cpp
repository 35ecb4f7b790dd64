/// shapley_sampling: Shapley values of groups by adding them in random orders. Castro, Gómez, Tejada 2009.
///
///   φ_g = mean over orders of f_t(x with g and all before it) − f_t(x with all before it),  all others at the baseline
/// Each order's contributions sum to f_t(x) − f_t(x'), so their mean does. Groups that do not differ from the baseline
/// get 0 and take no part. Order i depends on the seed and on i alone; `permutations` (samples, groups) replays given
/// ones, over all groups; over all M! of them the values are exact.
/// Shapes: map (N, H, W, 1), each pixel its group's value; scores (N, 1, 1, groups); "standard_error" of the mean,
/// painted likewise (with 2 orders and more).
/// Cost: samples·(players − 1) forward passes, in batches.
#include "pellucid/methods/perturbation/coalitions.hpp"
#include "pellucid/methods/perturbation/game.hpp"

#include <numeric>

namespace pellucid::methods {

namespace {

struct ShapleySamplingParams {
    GroupParams groups;
    std::size_t samples = 25;
    BaselineParams baseline;
    std::uint32_t seed = 0;
    std::shared_ptr<const Tensor> permutations;
};

void describe(Fields& f, ShapleySamplingParams& p) {
    describe(f, p.groups);
    f.integer("samples", p.samples, {1, 100000}, "orders in which the pieces are added").at_most_while_drawing(2);
    describe(f, p.baseline);
    f.random_seed("seed", p.seed, "seed of the orders");
    f.image("permutations", p.permutations, "orders to replay, (samples, groups): the groups' numbers from 0").replay();
}

class ShapleySamplingRun final : public PartedRun {
public:
    ShapleySamplingRun(const Request& request, const ShapleySamplingParams& p)
        : game_(request, p.groups, p.baseline),
          seed_(p.seed),
          samples_(p.samples),
          moments_(game_.inputs(), game_.players()),
          orders_done_(game_.inputs(), 0) {
        if (p.permutations) {
            replayed_ = replayed_orders(*p.permutations, game_.players(), "shapley_sampling");
            samples_ = replayed_.size();
        }
        for (std::size_t n = 0; n < game_.inputs(); ++n) {
            // As many whole orders as fill a batch.
            const std::size_t passes = std::max<std::size_t>(order(n, 0).size(), 2) - 1;
            const std::vector<Partition::Part> parts =
                parts_of(std::vector<std::size_t>{samples_}, std::max<std::size_t>(neighbours_per_part / passes, 1));
            for (const auto& part : parts) parts_.push_back({n, part.first, part.count});
        }
    }

    std::size_t parts() const override { return parts_.size(); }

    /// What every group adds, order by order: (orders, 1, 1, groups).
    std::vector<Tensor> compute(std::size_t part) override {
        const auto [n, first, count] = parts_[part];
        std::vector<Coalition> coalitions;
        for (std::size_t i = first; i < first + count; ++i) {
            const std::vector<std::size_t> players = order(n, i);
            Coalition shown(game_.players(), 0);
            for (std::size_t k = 0; k + 1 < players.size(); ++k) {
                shown[players[k]] = 1;
                coalitions.push_back(shown);
            }
        }
        const std::vector<double> worth = game_.worth(n, coalitions);
        Tensor added = zeros({count, 1, 1, game_.players()});
        std::size_t next = 0;
        for (std::size_t i = 0; i < count; ++i) {
            const std::vector<std::size_t> players = order(n, first + i);
            double before = game_.at_baseline(n);
            for (std::size_t k = 0; k < players.size(); ++k) {
                const double after = k + 1 < players.size() ? worth[next++] : game_.value(n);
                sample(added, i)[players[k]] = static_cast<float>(after - before);
                before = after;
            }
        }
        return list_of(std::move(added));
    }

    Result snapshot() override {
        Tensor scores = zeros({game_.inputs(), 1, 1, game_.players()}), error = scores;
        Completeness completeness;
        for (std::size_t n = 0; n < game_.inputs(); ++n) {
            const auto count = static_cast<double>(orders_done_[n]);
            double sum = 0;
            for (std::size_t g = 0; count > 0 && g < game_.players(); ++g) {
                const std::size_t i = n * game_.players() + g;
                sum += moments_.mean(i, count);
                scores.data()[i] = static_cast<float>(moments_.mean(i, count));
                error.data()[i] = static_cast<float>(moments_.standard_error_of_mean(i, count));
            }
            completeness.add(sum, game_.value(n), game_.at_baseline(n));
        }
        Result result = game_.result(std::move(scores));
        if (samples_ > 1) {
            const Shape shape = result.map().shape();
            result.add("standard_error", Map{painted(game_.grouping(), error, shape)});
        }
        completeness.add_to(result);
        return result;
    }

protected:
    void take(std::size_t part, const std::vector<Tensor>& computed) override {
        const auto [n, first, count] = parts_[part];
        for (std::size_t i = 0; i < count; ++i) moments_.add(n, sample(computed[0], i));
        orders_done_[n] += count;
    }

private:
    std::vector<std::size_t> order(std::size_t n, std::size_t number) const {
        if (!replayed_.empty()) return replayed_[number];
        std::vector<std::size_t> players = game_.present(n);
        Random random = stream(seed_, Purpose::permutation, 0, number);
        random.shuffle(players);
        return players;
    }

    Game game_;
    std::uint32_t seed_;
    std::size_t samples_;
    std::vector<std::vector<std::size_t>> replayed_;
    std::vector<Partition::Part> parts_;
    Moments moments_;
    std::vector<std::size_t> orders_done_;
};

std::unique_ptr<Run> start_shapley_sampling(const Request& request, const ShapleySamplingParams& p) {
    return std::make_unique<ShapleySamplingRun>(request, p);
}

std::vector<Output> shapley_sampling_outputs() {
    std::vector<Output> outputs = group_outputs("the groups' Shapley values");
    outputs.push_back(standard_error_output());
    const std::vector<Output> sums = contribution_outputs();
    outputs.insert(outputs.end(), sums.begin() + 1, sums.end());
    return outputs;
}

}  // namespace

Method shapley_sampling() {
    return define<ShapleySamplingParams, start_shapley_sampling>(
        {.id = "shapley_sampling",
         .family = "perturbation",
         .title = "Shapley value sampling",
         .question = "What does each piece add to the score when the drawing is put together in random orders?",
         .formula = R"(\varphi_g = \mathbb{E}_\pi\,[f_t(x_{\pi\le g}) - f_t(x_{\pi<g})])",
         .reference = {"Castro, Gómez, Tejada", "Polynomial calculation of the Shapley value based on sampling", 2009,
                       "Computers & Operations Research"},
         .targets = any_target(),
         .outputs = shapley_sampling_outputs(),
         .caveat =
             "A sampled estimate: what lies within the standard error is noise. The share is fair among these pieces "
             "against this baseline: other pieces, other shares.",
         .progressive = true,
         .pace = Pace::rest});
}

}  // namespace pellucid::methods
