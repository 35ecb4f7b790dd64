/// max_sensitivity: how far a map moves when the input moves a little. Yeh et al. 2019.
///
///   max over x' with |x' − x| ≤ r of ‖map(x') − map(x)‖₂ / ‖map(x)‖₂
/// by `samples` draws, uniform in the cube (captum's sensitivity_max, quantus without its normalising); `noise` replays
/// given ones, the same for every input. Neighbours are not clipped to the input's range, and keep the input's class.
/// Shapes: one number per sample each. Cost: `samples` + 1 maps per input, in one batch.
#include "pellucid/methods/judging/lens.hpp"
#include "pellucid/methods/judging/similarity.hpp"

#include "pellucid/error.hpp"

#include <algorithm>
#include <functional>

namespace pellucid::methods {

namespace {

struct SensitivityParams {
    LensParams lens;
    std::size_t samples = 10;
    float radius = 0.02F;
    std::uint32_t seed = 0;
    std::shared_ptr<const Tensor> noise;
};

void describe(Fields& f, SensitivityParams& p) {
    describe_lens(f, p.lens);
    f.integer("samples", p.samples, {1, 10000}, "neighbours");
    f.real("radius", p.radius, {0, 1e6}, "how far a pixel may move").share_of_range();
    f.random_seed("seed", p.seed);
    f.image("noise", p.noise, "what is added to the input, (samples, H, W, C)").replay();
}

/// What is added to every input.
Tensor noise_of(const SensitivityParams& p, const Shape& shape) {
    if (p.noise) return *p.noise;
    Tensor noise(with_batch(shape, p.samples));
    for (std::size_t i = 0; i < p.samples; ++i) {
        Random random = stream(p.seed, Purpose::noise, 0, i);
        for (float& v : sample(noise, i)) v = random.uniform(-p.radius, p.radius);
    }
    return noise;
}

Tensor neighbours_of(const Tensor& x, const Tensor& noise, std::size_t first, std::size_t count) {
    Tensor all = batch_slice(noise, first, count);
    for (std::size_t i = 0; i < count; ++i) {
        const auto neighbour = sample(all, i);
        std::ranges::transform(elements(x), neighbour, neighbour.begin(), std::plus<>());
    }
    return all;
}

class SensitivityRun final : public PartedRun {
public:
    SensitivityRun(const Request& request, const SensitivityParams& p)
        : request_(request),
          params_(p),
          lens_("max_sensitivity", p.lens),
          settled_(settle_targets(request, request.explainer.plain())) {
        const Shape shape = request.input.shape();
        if (p.noise && with_batch(p.noise->shape(), 1) != with_batch(shape, 1)) {
            fail(ErrorCode::bad_shape,
                 "max_sensitivity: noise of shape {} does not fit inputs of shape {}; (samples, {}, {}, {}) does",
                 to_string(Shape(p.noise->shape())), to_string(shape), shape[1], shape[2], shape[3]);
        }
    }

    std::size_t parts() const override { return request_.input.shape()[0]; }

    /// The distance of every neighbour's map.
    std::vector<Tensor> compute(std::size_t n) override {
        const Tensor x = batch_slice(request_.input, n, 1);
        const Tensor map = lens_.judged(request_, n, settled_.targets[n]);
        if (noise_.size() == 0) noise_ = noise_of(params_, request_.input.shape());
        Tensor distances(Shape{1, 1, 1, noise_.shape()[0]});
        constexpr std::size_t at_once = 32;
        for (std::size_t first = 0; first < distances.size(); first += at_once) {
            const std::size_t count = std::min(at_once, distances.size() - first);
            const Tensor maps =
                lens_.ask(request_.explainer, neighbours_of(x, noise_, first, count), settled_.targets[n]);
            for (std::size_t i = 0; i < count; ++i) {
                distances.data()[first + i] = static_cast<float>(relative_distance(elements(map), sample(maps, i)));
            }
        }
        return list_of(std::move(distances));
    }

    Result snapshot() override {
        Result result;
        result.value = settled_.values;
        most_.per_sample.resize(parts(), std::nan(""));
        mean_.per_sample.resize(parts(), std::nan(""));
        result.add("max_sensitivity", most_);
        result.add("mean_sensitivity", mean_);
        return result;
    }

protected:
    void take(std::size_t n, const std::vector<Tensor>& computed) override {
        const auto distances = elements(computed[0]);
        most_.per_sample.resize(parts(), std::nan(""));
        mean_.per_sample.resize(parts(), std::nan(""));
        double most = 0, sum = 0;
        for (const float d : distances) {
            // NaN, of a map without any relevance, stays.
            most = std::isnan(d) ? std::nan("") : std::max(most, static_cast<double>(d));
            sum += static_cast<double>(d);
        }
        most_.per_sample[n] = most;
        mean_.per_sample[n] = sum / static_cast<double>(distances.size());
    }

private:
    Request request_;
    SensitivityParams params_;
    Lens lens_;
    SettledTargets settled_;
    Tensor noise_;  ///< empty until a part needs it
    Scalar most_, mean_;
};

std::unique_ptr<Run> start_sensitivity(const Request& request, const SensitivityParams& p) {
    return std::make_unique<SensitivityRun>(request, p);
}

}  // namespace

Method max_sensitivity() {
    return define<SensitivityParams, start_sensitivity>(
        {.id = "max_sensitivity",
         .family = "judging",
         .title = "Max-sensitivity",
         .question = "Does the map stay when the drawing changes by less than the eye can see?",
         .formula = R"(\max_{\|x'-x\|_\infty\le r}\frac{\|R(x')-R(x)\|_2}{\|R(x)\|_2})",
         .reference = {"Yeh, Hsieh, Suggala, Inouye, Ravikumar", "On the (In)fidelity and Sensitivity of Explanations",
                       2019, "NeurIPS"},
         .targets = any_target(),
         .outputs = {judging_output("max_sensitivity", "share", Better::less,
                                    "the largest change of the map, in lengths of the map"),
                     scalar_output("mean_sensitivity", "share", "the mean change of the map")},
         .caveat =
             "The largest of some draws: there may be worse neighbours. A map that never moves is steady, and may be "
             "wrong all the same.",
         .progressive = true,
         .subject = SubjectKind::attribution,
         .pace = Pace::rest});
}

}  // namespace pellucid::methods
