/// am_expert: activation maximisation among pictures that an expert takes for digits. Montavon, Samek, Müller 2018
/// (§3.2); Nguyen et al. 2017 for the denoiser.
///
///   max_x f_t(x) + λ·log p(x),  with f_t = log p_c for a class and ∇ log p(s) = (r(s) − s)/σ²
/// r: a denoiser (role expert), s = (x − low)/(high − low), σ the noise that it was trained with (its metadata "noise",
/// else 0.5). The series adds ‖s − r(s)‖²/(2σ²) in place of −log p, which nobody knows. Adam on the pixels, within the
/// range. From noise the search ends at the first faint picture that has the answer, since there the expert expects no
/// more than the mean of all digits; from a class's mean (`mean`) it ends at a digit.
/// Shapes: map = the pictures. Cost: a forward and a backward pass, and one of the expert forward, per step. One part
/// per step.
#include "pellucid/methods/imagine/synthesis.hpp"

#include "pellucid/error.hpp"
#include "pellucid/nn/predictor.hpp"
#include "pellucid/text.hpp"

namespace pellucid::methods {

namespace {

struct ExpertParams {
    SynthesisParams synthesis{.steps = 200, .learning_rate = 0.03F};
    StartFrom start = StartFrom::noise;
    float noise = 0.5F;
    double density = 0.1;
    std::shared_ptr<const Tensor> mean;
};

void describe(Fields& f, ExpertParams& p) {
    describe_steps(f, p.synthesis, true);
    f.real("density", p.density, {0, 1e6}, "λ: how much counts what the expert says");
    f.choice("start", p.start, {"noise", "drawing", "paper", "mean"},
             "the picture to begin with; mean: the one of `mean`");
    f.image("mean", p.mean, "a picture to begin with, such as a class's mean (models/means.idx)").per_input();
    f.real("noise", p.noise, {0, 1}, "how much of the range the noise fills").when("start", {"noise"});
    f.random_seed("seed", p.synthesis.seed, "seed of the noise");
}

const Network& expert_of(const Request& request) {
    const Network& expert = request.with->expert();
    const Shape& shape = request.explainer.network().input_shape();
    if (expert.input_shape() != shape || expert.shape(expert.output()) != shape) {
        fail(ErrorCode::bad_shape, "the expert makes {} of {}, the network reads {}: they must be the same",
             to_string(expert.shape(expert.output())), to_string(expert.input_shape()), to_string(shape));
    }
    return expert;
}

double noise_of(const Network& expert) {
    const auto found = expert.metadata.find("noise");
    const double noise = found != expert.metadata.end() ? parse_number(found->second).value_or(0) : 0.0;
    return noise > 0 && noise <= 1000 ? noise : 0.5;
}

class ExpertRun final : public SynthesisRun {
public:
    ExpertRun(const Request& request, const ExpertParams& p)
        : SynthesisRun(request, p.synthesis),
          pixels_(start_picture(request, p.start, static_cast<double>(p.noise), p.synthesis.seed, p.mean.get()),
                  range_),
          objective_(network()),
          clean_(expert_of(request), expert_of(request).output()),
          weight_(p.density / (noise_of(expert_of(request)) * noise_of(expert_of(request)))) {
        Request target = request;
        if (target.target.kind == TargetKind::logit) target.target.kind = TargetKind::probability;
        objective_.add(target_term(target));
    }

protected:
    std::vector<double> move(std::size_t) override {
        const Tensor& x = pixels_.image();
        std::vector<double> values = objective_(x, gradient_);
        shares_ = x;
        const std::size_t channels = x.shape()[3];
        for (std::size_t i = 0; i < x.size(); ++i) {
            const std::size_t c = i % channels;
            shares_.data()[i] = (shares_.data()[i] - range_.low_of(c)) / (range_.high_of(c) - range_.low_of(c));
        }
        const Tensor& cleaned = clean_(shares_);
        for (std::size_t n = 0; n < samples(); ++n) {
            for (std::size_t i = 0; i < sample_size(x); ++i) {
                const std::size_t c = i % channels;
                const double d =
                    static_cast<double>(sample(shares_, n)[i]) - static_cast<double>(sample(cleaned, n)[i]);
                values[n] += weight_ / 2 * d * d;
                sample(gradient_, n)[i] +=
                    static_cast<float>(weight_ * d / static_cast<double>(range_.high_of(c) - range_.low_of(c)));
            }
        }
        pixels_.pull(gradient_);
        adam_.step(pixels_.slots(), params_.learning_rate);
        pixels_.moved();
        return values;
    }
    Tensor picture() override { return pixels_.image(); }

private:
    optimise::Pixels pixels_;
    optimise::Objective objective_;
    Predictor clean_;
    double weight_;
    Tensor gradient_, shares_;
};

std::unique_ptr<Run> start_expert(const Request& request, const ExpertParams& p) {
    return std::make_unique<ExpertRun>(request, p);
}

}  // namespace

Method am_expert() {
    return define<ExpertParams, start_expert>(
        {.id = "am_expert",
         .family = "imagine",
         .title = "Activation maximisation with an expert",
         .question = "Which picture that could be a digit does this class answer to most?",
         .formula = R"(\max_x \log p(c \mid x) + \lambda\log p(x))",
         .reference = {"Montavon, Samek, Müller", "Methods for Interpreting and Understanding Deep Neural Networks",
                       2018, "Digital Signal Processing"},
         .targets = any_target(),
         .outputs = synthesis_outputs("the picture that was found"),
         .caveat = "What looks natural is what the expert knows, and it knows the digits that it was trained on.",
         .progressive = true,
         .needs = {Role::expert},
         .pace = Pace::asked});
}

}  // namespace pellucid::methods
