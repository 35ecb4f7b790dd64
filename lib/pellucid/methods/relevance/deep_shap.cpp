/// deep_shap: DeepLIFT averaged over many references, an approximation of Shapley values. Lundberg & Lee 2017.
///
///   φ = mean over baselines b of DeepLIFT(x, b);  Σ φ = f_t(x) − mean f_t(b).
/// Baselines: `baselines` (K, H, W, C) as given; otherwise `samples` built-in pen digits, drawn without replacement from
/// `seed`, where the network reads 28×28×1, and paper (one baseline) where it does not.
/// Shapes: map as the input; images: "standard_error" of the mean over the baselines. Numbers: "completeness_gap",
/// "baseline_value" = mean f_t(b). Cost: per baseline a forward and a backward pass, in batches.
#include "pellucid/methods/attribution/sampling.hpp"
#include "pellucid/methods/relevance/contributions.hpp"

#include "pellucid/backward/deeplift.hpp"
#include "pellucid/data/normalise.hpp"
#include "pellucid/data/pen_digits.hpp"
#include "pellucid/error.hpp"
#include "pellucid/random.hpp"

#include <cmath>
#include <map>
#include <numeric>

namespace pellucid::methods {

namespace {

/// A built-in digit as the network sees it; kept, for a live picture asks for the same ones at every frame.
const Tensor& digit_image(std::size_t index) {
    thread_local std::map<std::size_t, Tensor> images;
    auto found = images.find(index);
    if (found == images.end()) found = images.emplace(index, normalise(pen_digit(index).drawing).image).first;
    return found->second;
}

Tensor drawn_digits(std::size_t count, std::uint32_t seed) {
    std::vector<std::size_t> order(pen_digit_count());
    std::iota(order.begin(), order.end(), std::size_t{0});
    Random random(seed);
    random.shuffle(order);
    Tensor digits(Shape{std::min(count, order.size()), image_size, image_size, 1});
    for (std::size_t i = 0; i < digits.shape()[0]; ++i) {
        const Tensor& image = digit_image(order[i]);
        std::copy_n(image.data(), image.size(), sample(digits, i).data());
    }
    return digits;
}

Tensor chosen_baselines(const Request& request) {
    const Shape wanted = with_batch(request.input.shape(), 1);
    if (const Tensor* given = request.params.image("baselines")) {
        if (with_batch(given->shape(), 1) != wanted || given->shape()[0] == 0) {
            fail(ErrorCode::bad_shape, "deep_shap: baselines of shape {} do not fit inputs of shape {}",
                 to_string(Shape(given->shape())), to_string(Shape(request.input.shape())));
        }
        return *given;
    }
    if (wanted != Shape{1, image_size, image_size, 1}) return zeros(wanted);
    return drawn_digits(request.params.count("samples"), static_cast<std::uint32_t>(request.params.integer("seed")));
}

class DeepShapRun final : public PartedRun {
public:
    explicit DeepShapRun(const Request& request)
        : request_(request), options_(chosen_deeplift(request.params)), evaluator_(deeplift_evaluator(request, options_)),
          settled_(settle_targets(request, evaluator_)), baselines_(chosen_baselines(request)),
          partition_(request.input.shape()[0], baselines_.shape()[0]), sum_(request.input.size(), 0.0), squares_(sum_),
          baseline_sum_(request.input.shape()[0], 0.0) {}

    std::size_t parts() const override { return partition_.parts(); }

    std::vector<Tensor> compute(std::size_t part) override {
        const auto [n, first, count] = partition_[part];
        const Trace trace = tile(evaluator_.trace(request_.input), n, 1, count);
        evaluator_.network().forward(batch_slice(baselines_, first, count), reference_);
        const std::vector<double> values = target_values(settled_.targets[n], evaluator_.network(), reference_);
        Tensor at_baselines(Shape{1, 1, 1, count});
        for (std::size_t i = 0; i < count; ++i) at_baselines.data()[i] = static_cast<float>(values[i]);
        return {contributions(evaluator_, trace, reference_, settled_.targets[n], options_), std::move(at_baselines)};
    }

    Result snapshot() override {
        Result result;
        result.value = settled_.values;
        result.map = zeros(request_.input.shape());
        Tensor error = zeros(request_.input.shape());
        const std::size_t size = sample_size(request_.input);
        double gap = 0, reference = 0, seen = 0;
        for (std::size_t n = 0; n < request_.input.shape()[0]; ++n) {
            const auto count = static_cast<double>(baselines_done(n));
            if (count == 0) continue;
            double total = 0;
            for (std::size_t i = n * size; i < (n + 1) * size; ++i) {
                const double mean = sum_[i] / count;
                total += mean;
                result.map.data()[i] = static_cast<float>(mean);
                error.data()[i] = static_cast<float>(std::sqrt(std::max(squares_[i] / count - mean * mean, 0.0) / count));
            }
            const double at_baselines = baseline_sum_[n] / count;
            const double wanted = settled_.values[n] - at_baselines;
            gap += std::abs(total - wanted) / std::max(std::abs(wanted), 1e-12);
            reference += at_baselines;
            seen += 1;
        }
        result.images.emplace_back("standard_error", std::move(error));
        if (seen > 0) result.numbers = {{"completeness_gap", gap / seen}, {"baseline_value", reference / seen}};
        return result;
    }

protected:
    void take(std::size_t part, const std::vector<Tensor>& computed) override {
        const auto [n, first, count] = partition_[part];
        const std::size_t size = sample_size(request_.input);
        for (std::size_t i = 0; i < count; ++i) {
            const auto contribution = sample(computed[0], i);
            for (std::size_t j = 0; j < size; ++j) {
                const double v = contribution[j];
                sum_[n * size + j] += v;
                squares_[n * size + j] += v * v;
            }
            baseline_sum_[n] += static_cast<double>(computed[1].data()[i]);
        }
    }

private:
    std::size_t baselines_done(std::size_t n) const {
        const std::size_t before = n * partition_.per_sample();
        if (done() <= before) return 0;
        return std::min(baselines_.shape()[0], (done() - before) * neighbours_per_part);
    }

    Request request_;
    DeepLiftOptions options_;
    Evaluator& evaluator_;
    SettledTargets settled_;
    Tensor baselines_;
    Partition partition_;
    Trace reference_;
    std::vector<double> sum_, squares_, baseline_sum_;
};

}  // namespace

Method deep_shap() {
    Card card{.id = "deep_shap",
              .family = "relevance",
              .title = "Deep SHAP",
              .question = "How much does each pixel add to the score, compared with what digits look like in general?",
              .formula = R"(\phi_i = \frac1K\sum_{k=1}^{K} m_i^{(k)}\,(x_i - b_i^{(k)}),\quad \sum_i \phi_i = f_t(x) - \frac1K\sum_k f_t(b^{(k)}))",
              .reference = {"Lundberg, Lee", "A Unified Approach to Interpreting Model Predictions", 2017, "NeurIPS"},
              .targets = any_target(),
              .params = {integer_param("samples", 32, 1, 300, "pen digits to compare with"),
                         integer_param("seed", 0, 0, 1000000, "which of the pen digits"),
                         image_param("baselines", "drawings to compare with instead, (K, H, W, C)")},
              .result = ResultKind::signed_map,
              .caveat = "It approximates Shapley values as if pixels were independent of each other; the drawings that one "
                        "compares with decide what one sees.",
              .progressive = true,
              .presets = deeplift_presets()};
    for (ParamCard& param : deeplift_params()) card.params.push_back(std::move(param));
    card.params.push_back(compat_param(card.presets));
    return {std::move(card),
            [](const Request& request) -> std::unique_ptr<Run> { return std::make_unique<DeepShapRun>(request); }};
}

}  // namespace pellucid::methods
