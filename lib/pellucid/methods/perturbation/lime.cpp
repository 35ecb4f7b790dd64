/// lime: a linear model of which groups are shown, fitted to the target's values around the input. Ribeiro, Singh,
/// Guestrin 2016.
///
///   min over b, c of Σ_i w_i (f_t(x_zᵢ) − b − zᵢ·c)² + α‖c‖²,  w = exp(−d²/(2·width²)),  d = 1 − cos(z, (1, …, 1))
/// z says which groups show the input; the others show the baseline. The first z shows all, each other shows a group
/// with probability ½ (lime's habits; its kernel is √exp(−d²/width²), the same). Sample i depends on the seed and on i
/// alone; `coalitions` (samples, groups) replays given ones. The intercept is not shrunk. f_t is the target as asked
/// for, where the paper has the class's probability (target prob:…).
/// Shapes: map (N, H, W, 1), each pixel its group's coefficient; scores (N, 1, 1, groups); "fit" is the weighted R²,
/// what the linear model explains of the values.
/// Cost: `samples` forward passes, in batches, and a system of as many equations as groups.
#include "pellucid/methods/perturbation/coalitions.hpp"
#include "pellucid/methods/perturbation/game.hpp"
#include "pellucid/methods/perturbation/least_squares.hpp"

#include <cmath>

namespace pellucid::methods {

namespace {

struct LimeParams {
    GroupParams groups;
    std::size_t samples = 1000;
    float kernel_width = 0.25F, ridge = 1.0F;
    BaselineParams baseline;
    std::uint32_t seed = 0;
    std::shared_ptr<const Tensor> coalitions;
};

void describe(Fields& f, LimeParams& p) {
    describe(f, p.groups);
    f.integer("samples", p.samples, {1, 100000}, "drawings with some groups hidden").at_most_while_drawing(100);
    f.real("kernel_width", p.kernel_width, {0.01, 100}, "how far from the drawing, in cosine distance, still counts")
        .rarely();
    f.real("ridge", p.ridge, {0, 1e6}, "how much large coefficients are held back").rarely();
    describe(f, p.baseline);
    f.random_seed("seed", p.seed, "seed of the samples");
    f.image("coalitions", p.coalitions, "samples to replay, (samples, groups): 1 shows, 0 hides").replay();
}

class LimeRun final : public PartedRun {
public:
    LimeRun(const Request& request, const LimeParams& p)
        : game_(request, p.groups, p.baseline), params_(p), sums_(game_.inputs(), CoalitionSums(game_.players())) {
        std::size_t samples = p.samples;
        if (p.coalitions) {
            replayed_ = replayed_coalitions(*p.coalitions, game_.players(), "lime");
            samples = replayed_.size();
        }
        parts_ = parts_of(std::vector<std::size_t>(game_.inputs(), samples));
    }

    std::size_t parts() const override { return parts_.size(); }

    std::vector<Tensor> compute(std::size_t part) override {
        const auto [n, first, count] = parts_[part];
        std::vector<Coalition> coalitions;
        for (std::size_t i = 0; i < count; ++i) coalitions.push_back(coalition(first + i));
        return list_of(row_of(game_.worth(n, coalitions)));
    }

    Result snapshot() override {
        Tensor coefficients(Shape{game_.inputs(), 1, 1, game_.players()});
        Scalar fit, intercept;
        for (std::size_t n = 0; n < game_.inputs(); ++n) {
            const auto surrogate = sums_[n].ridge(static_cast<double>(params_.ridge));
            std::transform(surrogate.coefficients.begin(), surrogate.coefficients.end(),
                           sample(coefficients, n).begin(), [](double c) { return static_cast<float>(c); });
            fit.per_sample.push_back(surrogate.fit);
            intercept.per_sample.push_back(surrogate.intercept);
        }
        Result result = game_.result(std::move(coefficients));
        result.add("fit", std::move(fit));
        result.add("intercept", std::move(intercept));
        return result;
    }

protected:
    void take(std::size_t part, const std::vector<Tensor>& computed) override {
        const auto [n, first, count] = parts_[part];
        for (std::size_t i = 0; i < count; ++i) {
            const Coalition shown = coalition(first + i);
            sums_[n].add(shown, static_cast<double>(computed[0].data()[i]), weight(shown));
        }
    }

private:
    Coalition coalition(std::size_t number) const {
        if (!replayed_.empty()) return replayed_[number];
        Coalition shown(game_.players(), 1);
        if (number == 0) return shown;
        Random random = stream(params_.seed, Purpose::masks, 0, number);
        for (auto& one : shown) one = random.uniform() < 0.5F ? 0 : 1;
        return shown;
    }

    double weight(const Coalition& shown) const {
        double members = 0;
        for (const auto one : shown) members += one;
        // cos(z, 1) = |z|/(√|z|·√M); that of nothing shown is 0.
        const double distance = 1 - std::sqrt(members / static_cast<double>(shown.size()));
        const auto width = static_cast<double>(params_.kernel_width);
        return std::exp(-distance * distance / (2 * width * width));
    }

    Game game_;
    LimeParams params_;
    std::vector<Coalition> replayed_;
    std::vector<Partition::Part> parts_;
    std::vector<CoalitionSums> sums_;
};

std::unique_ptr<Run> start_lime(const Request& request, const LimeParams& p) {
    return std::make_unique<LimeRun>(request, p);
}

std::vector<Output> lime_outputs() {
    std::vector<Output> outputs = group_outputs("the linear model's coefficients");
    outputs.push_back(scalar_output("fit", "share", "what the linear model explains of the score's variance"));
    outputs.push_back(scalar_output("intercept", "score", "what the linear model says where nothing is shown"));
    return outputs;
}

}  // namespace

Method lime() {
    return define<LimeParams, start_lime>(
        {.id = "lime",
         .family = "perturbation",
         .title = "LIME",
         .question = "Which pieces would a simple, linear stand-in for the network count for and against the answer?",
         .formula = R"(\min_{b,c} \sum_i w(z_i)\,(f_t(x_{z_i}) - b - z_i^\top c)^2 + \alpha\lVert c\rVert^2)",
         .reference = {"Ribeiro, Singh, Guestrin",
                       "\"Why Should I Trust You?\": Explaining the Predictions of Any Classifier", 2016, "KDD"},
         .targets = any_target(),
         .outputs = lime_outputs(),
         .caveat =
             "It explains the stand-in: where the fit is low, it says little about the network. Pieces, kernel and "
             "seed are choices, and other choices give other maps.",
         .progressive = true,
         .pace = Pace::rest});
}

}  // namespace pellucid::methods
