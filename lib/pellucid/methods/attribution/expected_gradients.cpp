/// expected_gradients: integrated gradients averaged over baselines, one random point of a random path per sample.
/// Erion et al. 2021; the same as GradientSHAP (Lundberg & Lee 2017).
///
///   mean over s of (x − b_s) ⊙ ∂f_t/∂x at b_s + α_s(x − b_s),  b_s from the baselines, α_s uniform on [0, 1)
/// The contributions sum to f_t(x) − mean f_t(b_s), to sampling error: "completeness_gap" reports what is missing, as a
/// share of that difference. Baselines: `baselines` (B, H, W, C); without them the built-in pen digits where the
/// network reads 28×28×1, else paper. Sample s draws its baseline and α from the seed and its own number alone;
/// `alphas` replays given ones: then sample s uses α_s and baseline s, over again where there are fewer baselines.
/// Shapes: map as the input; images: "standard_error" of the mean (with 2 samples and more).
/// Cost: `samples` forward and backward passes and as many forward passes of baselines, in batches.
#include "pellucid/methods/attribution/baseline_set.hpp"
#include "pellucid/methods/attribution/sampling.hpp"

#include "pellucid/error.hpp"

namespace pellucid::methods {

namespace {

constexpr std::size_t most_samples = 10000;

struct ExpectedGradientsParams {
    std::size_t samples = 50;
    std::uint32_t seed = 0;
    std::shared_ptr<const Tensor> baselines, alphas;
};

void describe(Fields& f, ExpectedGradientsParams& p) {
    f.integer("samples", p.samples, {1, most_samples}, "pairs of a baseline and a point on its path")
        .at_most_while_drawing(5);
    f.random_seed("seed", p.seed, "seed of baselines and points");
    f.image("baselines", p.baselines,
            "what drawings in general are, (B, H, W, C); without: the built-in pen digits for 28 × 28 pixels, else "
            "paper")
        .drawings();
    f.image("alphas", p.alphas, "points on the paths to replay, from 0 to 1, in any shape; sample s takes baseline s")
        .replay();
}

class ExpectedGradientsRun final : public PartedRun {
public:
    ExpectedGradientsRun(const Request& request, const ExpectedGradientsParams& p)
        : request_(request),
          evaluator_(request.explainer.plain()),
          settled_(settle_targets(request, evaluator_)),
          baselines_(request, p.baselines),
          alphas_(p.alphas),
          seed_(p.seed),
          samples_(alphas_ ? alphas_->size() : p.samples),
          partition_(request.input.shape()[0], samples_),
          moments_(request.input.shape()[0], sample_size(request.input)),
          baseline_sum_(request.input.shape()[0], 0.0) {
        if (samples_ == 0 || samples_ > most_samples) {
            fail(ErrorCode::bad_argument,
                 "expected_gradients: alphas must hold one number for each of 1 to 10000 samples");
        }
        for (std::size_t s = 0; alphas_ && s < samples_; ++s) {
            const float alpha = alphas_->data()[s];
            if (!(alpha >= 0.0F && alpha <= 1.0F)) {
                fail(ErrorCode::bad_argument, "expected_gradients: alphas must lie from 0 to 1, but number {} is {}", s,
                     alpha);
            }
        }
    }

    std::size_t parts() const override { return partition_.parts(); }

    /// The contributions of every sample of the part, and f_t of its baselines.
    std::vector<Tensor> compute(std::size_t part) override {
        const auto [n, first, count] = partition_[part];
        const auto x = sample(request_.input, n);
        const Shape shape = with_batch(request_.input.shape(), count);
        Tensor points(shape), from(shape);
        for (std::size_t i = 0; i < count; ++i) {
            const auto [index, alpha] = draw(first + i);
            const Tensor baseline = baselines_[index];
            const auto b = sample(from, i);
            std::copy_n(baseline.data(), b.size(), b.begin());
            const auto point = sample(points, i);
            for (std::size_t j = 0; j < b.size(); ++j) point[j] = b[j] + alpha * (x[j] - b[j]);
        }
        const std::vector<double> values = evaluator_.values(from, settled_.targets[n]);
        Tensor reached(Shape{1, 1, 1, count});
        for (std::size_t i = 0; i < count; ++i) reached.data()[i] = static_cast<float>(values[i]);
        Tensor contributions = evaluator_.input_gradient(points, settled_.targets[n]);
        for (std::size_t i = 0; i < count; ++i) {
            const auto c = sample(contributions, i);
            const auto b = sample(from, i);
            for (std::size_t j = 0; j < c.size(); ++j) c[j] *= x[j] - b[j];
        }
        return list_of(std::move(contributions), std::move(reached));
    }

    Result snapshot() override {
        return mean_contributions(request_, settled_, partition_, done(), moments_, baseline_sum_);
    }

protected:
    void take(std::size_t part, const std::vector<Tensor>& computed) override {
        const auto [n, first, count] = partition_[part];
        for (std::size_t i = 0; i < count; ++i) {
            moments_.add(n, sample(computed[0], i));
            baseline_sum_[n] += static_cast<double>(computed[1].data()[i]);
        }
    }

private:
    struct Draw {
        std::size_t baseline;
        float alpha;
    };

    /// A stream of its own for every sample, so that parts can be computed in any order.
    Draw draw(std::size_t s) const {
        if (alphas_) return {s % baselines_.count(), alphas_->data()[s]};
        Random random = stream(seed_, Purpose::baselines, 0, s);
        const std::size_t baseline = random.below(baselines_.count());
        return {baseline, random.uniform()};
    }

    Request request_;
    Evaluator& evaluator_;
    SettledTargets settled_;
    BaselineSet baselines_;
    std::shared_ptr<const Tensor> alphas_;
    std::uint32_t seed_;
    std::size_t samples_;
    Partition partition_;
    Moments moments_;
    std::vector<double> baseline_sum_;
};

std::unique_ptr<Run> start_expected_gradients(const Request& request, const ExpectedGradientsParams& p) {
    return std::make_unique<ExpectedGradientsRun>(request, p);
}

}  // namespace

Method expected_gradients() {
    return define<ExpectedGradientsParams, start_expected_gradients>(
        {.id = "expected_gradients",
         .family = "attribution",
         .title = "Expected gradients",
         .question = "How does each pixel set this drawing apart from drawings in general?",
         .formula = R"(\mathbb E_{x'\sim D,\ \alpha\sim U(0,1)}\Big[(x-x')\odot\frac{\partial f_t}{\partial )"
                    R"(x}\big(x'+\alpha(x-x')\big)\Big])",
         .reference =
             {"Erion, Janizek, Sturmfels, Lundberg, Lee",
              "Improving performance of deep learning models with axiomatic attribution priors and expected gradients",
              2021, "Nature Machine Intelligence 3"},
         .targets = any_target(),
         .outputs = mean_contribution_outputs(),
         .caveat =
             "Every pixel is compared with what other drawings have there: ink counts where others are paper, and "
             "paper where others have ink. Other baselines give another picture; few samples a noisy one.",
         .progressive = true});
}

}  // namespace pellucid::methods
