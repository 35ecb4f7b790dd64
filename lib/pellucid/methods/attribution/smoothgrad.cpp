/// smoothgrad: the mean of gradients at noisy copies of the input. Smilkov et al. 2017.
///
///   mean g, mean g² ("squared") or mean g² − (mean g)² ("variance"), g = ∂f_t/∂x at x + N(0, σ²), with `absolute` its
///   magnitude; σ = sigma·(max x − min x) of each input, with `absolute_sigma` sigma itself.
/// compat = captum: what NoiseTunnel(Saliency) does unless told otherwise: 5 samples, σ = 1, magnitudes.
/// Shapes: map as the input; images: "standard_error" of what is shown, the mean of g, the mean of g² or the variance
/// (with 2 samples and more). The noise of a sample depends on the seed and the sample's number alone; `noise`
/// (S, H, W, C) replays noise that is given, unscaled.
/// Cost: `samples` forward and backward passes, in batches.
#include "pellucid/methods/attribution/noise.hpp"
#include "pellucid/methods/attribution/sampling.hpp"

#include "pellucid/error.hpp"

#include <algorithm>
#include <cmath>

namespace pellucid::methods {

namespace {

enum class Variant { plain, squared, variance };

Variant chosen_variant(std::string_view name) {
    return name == "plain" ? Variant::plain : name == "squared" ? Variant::squared : Variant::variance;
}

class SmoothgradRun final : public PartedRun {
public:
    explicit SmoothgradRun(const Request& request)
        : request_(request),
          evaluator_(request.explainer.plain()),
          settled_(settle_targets(request, evaluator_)),
          noise_(request.params.shared_image("noise")),
          samples_(noise_ ? noise_->shape()[0] : request.params.count("samples")),
          partition_(request.input.shape()[0], samples_),
          variant_(chosen_variant(request.params.text("variant"))),
          moments_(request.input.shape()[0], sample_size(request.input), variant_ == Variant::plain ? 2 : 4) {
        if (noise_ && with_batch(noise_->shape(), 1) != with_batch(request.input.shape(), 1)) {
            fail(ErrorCode::bad_shape, "smoothgrad: noise of shape {} does not fit inputs of shape {}",
                 to_string(Shape(noise_->shape())), to_string(Shape(request.input.shape())));
        }
    }

    std::size_t parts() const override { return partition_.parts(); }

    std::vector<Tensor> compute(std::size_t part) override {
        const auto [n, first, count] = partition_[part];
        const auto x = sample(request_.input, n);
        const auto [low, high] = std::minmax_element(x.begin(), x.end());
        const float sigma =
            request_.params.number("sigma") * (request_.params.flag("absolute_sigma") ? 1.0F : *high - *low);
        const float scale = noise_ ? 1.0F : sigma;
        Tensor batch(with_batch(request_.input.shape(), count));
        for (std::size_t i = 0; i < count; ++i) {
            auto copy = sample(batch, i);
            if (noise_) {
                std::ranges::copy(sample(*noise_, first + i), copy.begin());
            } else {
                // A stream of its own for every sample, so that parts can be computed in any order.
                fill_normal(static_cast<std::uint32_t>(request_.params.integer("seed")),
                            static_cast<std::uint32_t>(first + i), copy);
            }
            for (std::size_t j = 0; j < copy.size(); ++j) copy[j] = x[j] + scale * copy[j];
        }
        Tensor gradients = evaluator_.input_gradient(batch, settled_.targets[n]);
        if (request_.params.flag("absolute")) {
            for (float& g : elements(gradients)) g = std::abs(g);
        }
        return {std::move(gradients)};
    }

    Result snapshot() override {
        Result result;
        result.value = settled_.values;
        result.map = zeros(request_.input.shape());
        Tensor error = zeros(request_.input.shape());
        const std::size_t size = sample_size(request_.input);
        for (std::size_t n = 0; n < request_.input.shape()[0]; ++n) {
            const auto count = static_cast<double>(partition_.neighbours_done(n, done()));
            for (std::size_t i = n * size; count > 0 && i < (n + 1) * size; ++i) {
                result.map.data()[i] = static_cast<float>(shown(i, count));
                error.data()[i] = static_cast<float>(standard_error(i, count));
            }
        }
        if (samples_ > 1) result.images.emplace_back("standard_error", std::move(error));
        return result;
    }

protected:
    void take(std::size_t part, const std::vector<Tensor>& computed) override {
        const auto [n, first, count] = partition_[part];
        for (std::size_t i = 0; i < count; ++i) moments_.add(n, sample(computed[0], i));
    }

private:
    double shown(std::size_t i, double count) const {
        if (variant_ == Variant::plain) return moments_.mean(i, count);
        return variant_ == Variant::squared ? moments_.mean_square(i, count) : moments_.variance(i, count);
    }
    double standard_error(std::size_t i, double count) const {
        if (variant_ == Variant::plain) return moments_.standard_error_of_mean(i, count);
        return variant_ == Variant::squared ? moments_.standard_error_of_mean_square(i, count)
                                            : moments_.standard_error_of_variance(i, count);
    }

    Request request_;
    Evaluator& evaluator_;
    SettledTargets settled_;
    std::shared_ptr<const Tensor> noise_;
    std::size_t samples_;
    Partition partition_;
    Variant variant_;
    Moments moments_;
};

}  // namespace

Method smoothgrad() {
    const std::vector<Preset> presets{
        {"captum", {{"samples", std::int64_t{5}}, {"sigma", 1.0}, {"absolute_sigma", true}, {"absolute", true}}}};
    return {
        {.id = "smoothgrad",
         .family = "attribution",
         .title = "SmoothGrad",
         .question = "Which pixels matter on average for drawings that differ from this one by a little noise?",
         .formula =
             R"(\frac{1}{n}\sum_{i=1}^{n} \frac{\partial f_t}{\partial x}\Big|_{x+\varepsilon_i},\quad \varepsilon_i\sim\mathcal N(0,\sigma^2))",
         .reference = {"Smilkov, Thorat, Kim, Viégas, Wattenberg", "SmoothGrad: removing noise by adding noise", 2017,
                       "arXiv:1706.03825"},
         .targets = any_target(),
         .params = {integer_param("samples", 50, 1, 10000, "noisy copies"),
                    real_param("sigma", 0.1, 0, 10, "noise, as a share of the input's range"),
                    advanced(flag_param("absolute_sigma", false, "sigma in the pixels' own unit instead")),
                    flag_param("absolute", false, "how strongly each copy's pixels matter, not in which direction"),
                    choice_param("variant", "plain", {"plain", "squared", "variance"},
                                 "mean gradient, mean squared gradient, or the gradient's variance"),
                    integer_param("seed", 0, 0, 1000000, "seed of the noise"),
                    numbers_param("noise", "noise to replay, (samples, H, W, C), added as it is"), compat_param(presets)},
         .result = ResultKind::signed_map,
         .caveat = "Noisy drawings are drawings that the network was not trained on; the amount of noise decides what "
                   "one sees.",
         .progressive = true,
         .presets = presets},
        [](const Request& request) -> std::unique_ptr<Run> { return std::make_unique<SmoothgradRun>(request); }};
}

}  // namespace pellucid::methods
