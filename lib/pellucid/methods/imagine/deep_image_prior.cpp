/// deep_image_prior: an untrained generator is fitted to the one drawing; its form alone makes strokes come before
/// noise. Ulyanov, Vedaldi, Lempitsky 2018.
///
///   min_w ‖g_w(z) − x₀‖²/D  (D values, as shares of the range), z fixed noise, w random at first; Adam on w
/// With `layer`, the natural pre-image: min_w ‖φ(g_w(z)) − φ(x₀)‖²/‖φ(x₀)‖².
/// Generator: see prior.hpp. `psnr` is −10·log₁₀ of the mean squared difference from the drawing, after every step.
/// Shapes: map = the generator's pictures. Cost: a forward and a backward pass of the generator per step and sample,
/// and of the network where a layer is given. One part per step.
#include "pellucid/methods/imagine/prior.hpp"

#include "pellucid/error.hpp"

namespace pellucid::methods {

namespace {

struct DeepPriorParams {
    PriorParams prior;
    std::string layer;
};

void describe(Fields& f, DeepPriorParams& p) {
    describe_prior(f, p.prior);
    f.layer("layer", p.layer, "go by what this layer makes of the drawing; else by its pixels");
}

class DeepPriorRun final : public PriorRun {
public:
    DeepPriorRun(const Request& request, const DeepPriorParams& p)
        : PriorRun(request, p.prior), whole_(distance_term(request.input, range_, 1)) {
        if (p.layer.empty()) {
            objective_.add(whole_);
        } else {
            const ValueId value = layer_value(request, p.layer);
            objective_.add(feature_term(value, features_of(request, value), 1));
        }
    }

protected:
    std::vector<double> move(std::size_t step) override {
        std::vector<double> values = PriorRun::move(step);
        psnr_.push_back(measure(picture()));
        return values;
    }
    void add_outputs(Result& result, const Tensor&) override {
        Series curve{{}, Tensor(Shape{samples(), 1, 1, psnr_.size()})};
        for (std::size_t k = 0; k < psnr_.size(); ++k) {
            curve.at.push_back(static_cast<float>(k + 1));
            for (std::size_t n = 0; n < samples(); ++n) curve.values(n, 0, 0, k) = static_cast<float>(psnr_[k][n]);
        }
        result.add("psnr", std::move(curve));
    }

private:
    std::vector<double> measure(const Tensor& pictures) {
        std::vector<double> of_samples;
        std::vector<float> ignored(sample_size(pictures));
        for (std::size_t n = 0; n < samples(); ++n) {
            const double square = whole_.of(n, sample(pictures, n), 0, ignored);
            of_samples.push_back(std::isfinite(square) ? psnr(square) : -120);
        }
        return of_samples;
    }

    optimise::Term whole_;
    std::vector<std::vector<double>> psnr_;
};

std::unique_ptr<Run> start_deep_prior(const Request& request, const DeepPriorParams& p) {
    return std::make_unique<DeepPriorRun>(request, p);
}

}  // namespace

Method deep_image_prior() {
    const Output psnr = series_output("psnr", "dB", "how near the picture is to the drawing", "step");
    return define<DeepPriorParams, start_deep_prior>(
        {.id = "deep_image_prior",
         .family = "imagine",
         .title = "Deep image prior",
         .question = "Does an untrained network already prefer strokes to noise?",
         .formula = R"(\min_w \|g_w(z)-x_0\|^2)",
         .reference = {"Ulyanov, Vedaldi, Lempitsky", "Deep Image Prior", 2018, "CVPR"},
         .targets = any_target(),
         .outputs = synthesis_outputs("what the generator makes", {psnr}),
         .caveat = "Stopped late, it reproduces noise and blots as well.",
         .progressive = true,
         .pace = Pace::asked});
}

}  // namespace pellucid::methods
