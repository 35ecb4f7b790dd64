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
#include "pellucid/ops.hpp"

#include <algorithm>
#include <cmath>

namespace pellucid::methods {

namespace {

enum class Variant : std::uint8_t { plain, squared, variance };

struct SmoothgradParams {
    std::size_t samples = 50;
    float sigma = 0.1F;
    bool absolute_sigma = false, absolute = false;
    Variant variant = Variant::plain;
    std::uint32_t seed = 0;
    std::shared_ptr<const Tensor> noise;
};

void describe(Fields& f, SmoothgradParams& p) {
    f.integer("samples", p.samples, {1, 10000}, "noisy copies").at_most_while_drawing(5);
    f.real("sigma", p.sigma, {0, 10}, "noise, as a share of the input's range");
    f.flag("absolute_sigma", p.absolute_sigma, "sigma in the pixels' own unit instead").rarely();
    f.flag("absolute", p.absolute, "how strongly each copy's pixels matter, not in which direction");
    f.choice("variant", p.variant, {"plain", "squared", "variance"},
             "mean gradient, mean squared gradient, or the gradient's variance");
    f.random_seed("seed", p.seed, "seed of the noise");
    f.image("noise", p.noise, "noise to replay, (samples, H, W, C), added as it is").replay();
    f.compat([] {
        return std::vector<Preset>{
            {"captum", {{"samples", std::int64_t{5}}, {"sigma", 1.0}, {"absolute_sigma", true}, {"absolute", true}}}};
    });
}

class SmoothgradRun final : public PartedRun {
public:
    SmoothgradRun(const Request& request, const SmoothgradParams& p)
        : request_(request),
          params_(p),
          evaluator_(request.explainer.plain()),
          settled_(settle_targets(request, evaluator_)),
          noise_(p.noise),
          samples_(noise_ ? noise_->shape()[0] : p.samples),
          partition_(request.input.shape()[0], samples_),
          variant_(p.variant),
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
        const float sigma = params_.sigma * (params_.absolute_sigma ? 1.0F : *high - *low);
        const float scale = noise_ ? 1.0F : sigma;
        Tensor batch(with_batch(request_.input.shape(), count));
        for (std::size_t i = 0; i < count; ++i) {
            auto copy = sample(batch, i);
            if (noise_) {
                std::ranges::copy(sample(*noise_, first + i), copy.begin());
            } else {
                // A stream of its own for every sample, so that parts can be computed in any order.
                fill_normal(params_.seed, first + i, copy);
            }
            for (std::size_t j = 0; j < copy.size(); ++j) copy[j] = x[j] + scale * copy[j];
        }
        Tensor gradients = evaluator_.input_gradient(batch, settled_.targets[n]);
        if (params_.absolute) ops::absolute(elements(gradients));
        return list_of(std::move(gradients));
    }

    Result snapshot() override {
        Result result;
        result.value = settled_.values;
        Tensor map = zeros(request_.input.shape());
        Tensor error = zeros(request_.input.shape());
        const std::size_t size = sample_size(request_.input);
        for (std::size_t n = 0; n < request_.input.shape()[0]; ++n) {
            const auto count = static_cast<double>(partition_.neighbours_done(n, done()));
            for (std::size_t i = n * size; count > 0 && i < (n + 1) * size; ++i) {
                map.data()[i] = static_cast<float>(shown(i, count));
                error.data()[i] = static_cast<float>(standard_error(i, count));
            }
        }
        result.add("map", Map{std::move(map)});
        if (samples_ > 1) result.add("standard_error", Map{std::move(error)});
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
    SmoothgradParams params_;
    Evaluator& evaluator_;
    SettledTargets settled_;
    std::shared_ptr<const Tensor> noise_;
    std::size_t samples_;
    Partition partition_;
    Variant variant_;
    Moments moments_;
};

std::unique_ptr<Run> start_smoothgrad(const Request& request, const SmoothgradParams& p) {
    return std::make_unique<SmoothgradRun>(request, p);
}

}  // namespace

Method smoothgrad() {
    return define<SmoothgradParams, start_smoothgrad>(
        {.id = "smoothgrad",
         .family = "attribution",
         .title = "SmoothGrad",
         .question = "Which pixels matter on average for drawings that differ from this one by a little noise?",
         .formula = R"(\frac{1}{n}\sum_{i=1}^{n} \frac{\partial f_t}{\partial x}\Big|_{x+\varepsilon_i},\quad )"
                    R"(\varepsilon_i\sim\mathcal N(0,\sigma^2))",
         .reference = {"Smilkov, Thorat, Kim, Viégas, Wattenberg", "SmoothGrad: removing noise by adding noise", 2017,
                       "arXiv:1706.03825"},
         .targets = any_target(),
         .outputs = {map_output(MapKind::signed_values), standard_error_output()},
         .caveat = "Noisy drawings are drawings that the network was not trained on; the amount of noise decides what "
                   "one sees.",
         .progressive = true});
}

}  // namespace pellucid::methods
