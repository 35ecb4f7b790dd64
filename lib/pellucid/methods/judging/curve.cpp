#include "pellucid/methods/judging/curve.hpp"

#include <algorithm>

namespace pellucid::methods {

namespace {

/// Pictures that are asked about at once: enough for the kernels, few enough to stay in the cache.
constexpr std::size_t pictures_at_once = 64;

}  // namespace

std::vector<double> replacement_curve(Evaluator& evaluator, const Target& target, const Shape& shape,
                                      std::span<const float> from, std::span<const float> to,
                                      std::span<const std::uint32_t> order, std::size_t steps) {
    const std::size_t pixels = order.size(), channels = shape[3];
    std::vector<float> picture(from.begin(), from.end());
    std::vector<std::size_t> asked;  // which of the different pictures each step shows
    std::vector<double> answers;
    Tensor waiting(with_batch(shape, std::min(steps + 1, pictures_at_once)));
    std::size_t different = 0, replaced = 0;
    const auto ask = [&] {
        const std::size_t count = different - answers.size();
        if (count == 0) return;
        const std::vector<double> values =
            evaluator.values(count == waiting.shape()[0] ? waiting : batch_slice(waiting, 0, count), target);
        answers.insert(answers.end(), values.begin(), values.end());
    };
    for (std::size_t k = 0; k <= steps; ++k) {
        bool changed = k == 0;
        for (; replaced < k * pixels / steps; ++replaced) {
            for (std::size_t c = 0; c < channels; ++c) {
                const std::size_t at = order[replaced] * channels + c;
                changed = changed || picture[at] != to[at];
                picture[at] = to[at];
            }
        }
        if (changed) {
            std::ranges::copy(picture, sample(waiting, different - answers.size()).begin());
            ++different;
            if (different - answers.size() == waiting.shape()[0]) ask();
        }
        asked.push_back(different - 1);
    }
    ask();
    std::vector<double> curve;
    for (const std::size_t which : asked) curve.push_back(answers[which]);
    return curve;
}

double area_under(std::span<const double> curve) {
    double sum = 0;
    for (std::size_t k = 1; k < curve.size(); ++k) sum += (curve[k - 1] + curve[k]) / 2;
    return sum / static_cast<double>(curve.size() - 1);
}

namespace {

class CurveRun final : public PartedRun {
public:
    CurveRun(std::string_view judge, const Request& request, const LensParams& lens,
             const BaselineParams& baseline_params, Way way, std::size_t steps)
        : request_(request),
          lens_(judge, lens),
          settled_(settle_targets(request, request.explainer.plain())),
          baseline_(baseline(request, baseline_params)),
          way_(way),
          steps_(steps == 0 ? pixels() : std::min(steps, pixels())),
          curves_(zeros({request.input.shape()[0], 1, 1, steps_ + 1})) {}

    std::size_t parts() const override { return request_.input.shape()[0]; }

    std::vector<Tensor> compute(std::size_t n) override {
        const Tensor map = lens_.judged(request_, n, settled_.targets[n]);
        const std::vector<std::uint32_t> order = ranked(by_pixel(map, 0));
        auto from = sample(std::as_const(request_).input, n), to = sample(std::as_const(baseline_), n);
        if (way_ == Way::towards) std::swap(from, to);
        const std::vector<double> curve =
            replacement_curve(request_.explainer.plain(), readable(settled_.targets[n]),
                              with_batch(request_.input.shape(), 1), from, to, order, steps_);
        Tensor values(Shape{1, 1, 1, curve.size()});
        std::ranges::transform(curve, values.data(), [](double v) { return static_cast<float>(v); });
        return list_of(std::move(values));
    }

    Result snapshot() override {
        Result result;
        result.value = settled_.values;
        Series curve;
        for (std::size_t k = 0; k <= steps_; ++k) {
            curve.at.push_back(
                static_cast<float>(static_cast<double>(k * pixels() / steps_) / static_cast<double>(pixels())));
        }
        curve.values = curves_;
        Scalar area;
        for (std::size_t n = 0; n < parts(); ++n) {
            const auto values = sample(std::as_const(curves_), n);
            const std::vector<double> heights(values.begin(), values.end());
            area.per_sample.push_back(n < done() ? area_under(heights) : std::nan(""));
        }
        result.add("curve", std::move(curve));
        result.add("area", std::move(area));
        return result;
    }

protected:
    void take(std::size_t n, const std::vector<Tensor>& computed) override {
        std::ranges::copy(elements(computed[0]), sample(curves_, n).begin());
    }

private:
    std::size_t pixels() const { return request_.input.shape()[1] * request_.input.shape()[2]; }

    Request request_;
    Lens lens_;
    SettledTargets settled_;
    Tensor baseline_;
    Way way_;
    std::size_t steps_;
    Tensor curves_;
};

}  // namespace

std::unique_ptr<Run> curve_run(std::string_view judge, const Request& request, const LensParams& lens,
                               const BaselineParams& baseline, Way way, std::size_t steps) {
    return std::make_unique<CurveRun>(judge, request, lens, baseline, way, steps);
}

std::vector<Output> curve_outputs(Better better, Words area) {
    return {series_output("curve", "share", "the target's probability (its value, where it is no class) along the way",
                          "share of the pixels that were replaced"),
            judging_output("area", "share", better, area)};
}

}  // namespace pellucid::methods
