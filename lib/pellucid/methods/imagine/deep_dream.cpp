/// deep_dream: more of whatever a layer sees in the picture. Mordvintsev, Olah, Tyka 2015.
///
///   x ← x + rate·extent·ĝ,  ĝ = G_σ ∇‖a(x)‖² / (mean |G_σ ∇‖a(x)‖²|),  a the layer's activations
/// over octaves from coarse to fine: G_σ is a Gaussian of σ = 2^(octaves − 1 − o)/2 pixels (none in the last octave).
/// Deviation: a network reads one size, so an octave is no smaller picture; smoothing the gradient is a step in a
/// coarser one. Shifts, as for activation_maximisation. Pixels stay within the range. The layer comes with the target
/// (norm:LAYER, or a channel, a neuron, a class).
/// Shapes: map = the pictures. Cost: a forward and a backward pass per step. One part per step.
#include "pellucid/methods/imagine/synthesis.hpp"

#include "pellucid/optimise/transforms.hpp"

#include <algorithm>
#include <cmath>

namespace pellucid::methods {

namespace {

struct DreamParams {
    SynthesisParams synthesis{.steps = 60, .learning_rate = 0.02F};
    StartFrom start = StartFrom::drawing;
    float noise = 0.2F;
    std::size_t octaves = 3, jitter = 1;
};

void describe(Fields& f, DreamParams& p) {
    describe_steps(f, p.synthesis);
    f.choice("start", p.start, {"noise", "drawing", "paper"}, "the picture to begin with");
    f.real("noise", p.noise, {0, 1}, "how much of the range the noise fills").when("start", {"noise"});
    f.integer("octaves", p.octaves, {1, 5}, "scales, from coarse to fine");
    f.integer("jitter", p.jitter, {0, 64}, "most pixels that the picture is shifted by at a step").in("px");
    f.random_seed("seed", p.synthesis.seed, "seed of the noise and of the shifts");
}

class DreamRun final : public SynthesisRun {
public:
    DreamRun(const Request& request, const DreamParams& p)
        : SynthesisRun(request, p.synthesis),
          p_(p),
          pixels_(start_picture(request, p.start, static_cast<double>(p.noise), p.synthesis.seed), range_),
          objective_(network()) {
        objective_.add(target_term(request));
    }

protected:
    std::vector<double> move(std::size_t step) override {
        const std::vector<double> values = at_shifted(pixels_.image(), step, p_.jitter, objective_, gradient_);
        const std::size_t octave = step * p_.octaves / params_.steps, coarser = p_.octaves - 1 - octave;
        if (coarser > 0) optimise::blur(gradient_, std::ldexp(0.5, static_cast<int>(coarser)));
        Tensor& x = pixels_.pixels();
        for (std::size_t n = 0; n < samples(); ++n) {
            const auto g = sample(gradient_, n);
            double mean = 0;
            for (const float v : g) mean += std::abs(static_cast<double>(v)) / static_cast<double>(g.size());
            const double step_size = static_cast<double>(params_.learning_rate) * static_cast<double>(range_.extent()) /
                                     std::max(mean, 1e-30);
            auto to = sample(x, n);
            for (std::size_t i = 0; i < g.size(); ++i)
                to[i] -= static_cast<float>(step_size * static_cast<double>(g[i]));
        }
        pixels_.moved();
        return values;
    }
    Tensor picture() override { return pixels_.image(); }

private:
    DreamParams p_;
    optimise::Pixels pixels_;
    optimise::Objective objective_;
    Tensor gradient_;
};

std::unique_ptr<Run> start_dream(const Request& request, const DreamParams& p) {
    return std::make_unique<DreamRun>(request, p);
}

}  // namespace

Method deep_dream() {
    return define<DreamParams, start_dream>(
        {.id = "deep_dream",
         .family = "imagine",
         .title = "Deep dream",
         .question = "What does this layer see in the drawing, if it may have more of it?",
         .formula = R"(\max_x \|a_l(x)\|_2^2)",
         .reference = {"Mordvintsev, Olah, Tyka", "Inceptionism: Going Deeper into Neural Networks", 2015,
                       "Google Research Blog"},
         .targets = any_target(),
         .outputs = synthesis_outputs("the dreamt picture"),
         .caveat = "It shows what excites the layer, not what matters for an answer.",
         .progressive = true,
         .pace = Pace::asked});
}

}  // namespace pellucid::methods
