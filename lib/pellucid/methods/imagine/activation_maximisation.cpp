/// activation_maximisation: the picture that a class, a unit or a channel answers to most. Erhan, Bengio, Courville,
/// Vincent 2009; Simonyan, Vedaldi, Zisserman 2013.
///
///   max_x f_t(x) − λ₂·mean s² − λ_m·mean (s − s̄)² − λ_tv·mean TV_β(s),  s = (x − low)/(high − low)
/// with f_t = log p_c for the target prob:c. Adam on the pixels, which stay within the range. At every step the picture
/// is shown shifted by up to `jitter` pixels (the same shift for all samples); after it it is smoothed by `blur` pixels
/// and faded by `decay`. s̄ is `mean`, a picture of yours (as a class's mean, models/means.idx), else none.
/// Shapes: map = the pictures. Cost: a forward and a backward pass per step. One part per step.
#include "pellucid/methods/imagine/synthesis.hpp"

#include "pellucid/error.hpp"
#include "pellucid/optimise/transforms.hpp"

namespace pellucid::methods {

namespace {

struct MaximisationParams {
    SynthesisParams synthesis;
    StartFrom start = StartFrom::noise;
    float noise = 0.2F;
    double l2 = 10, tv = 100, beta = 2, to_mean = 0;
    std::shared_ptr<const Tensor> mean;
    std::size_t jitter = 1;
    double blur = 0, decay = 0;
};

void describe(Fields& f, MaximisationParams& p) {
    describe_steps(f, p.synthesis, true);
    f.choice("start", p.start, {"noise", "drawing", "paper", "mean"},
             "the picture to begin with; mean: the one of `mean`");
    f.real("noise", p.noise, {0, 1}, "how much of the range the noise fills").when("start", {"noise"});
    f.real("l2", p.l2, {0, 1e6}, "how much ink costs");
    f.real("tv", p.tv, {0, 1e6}, "how much roughness costs (total variation)");
    f.real("tv_beta", p.beta, {1, 4}, "power of the roughness: 1 allows edges, 2 is smooth").rarely();
    f.image("mean", p.mean,
            "a picture to begin with or to stay near, such as a class's mean (models/means.idx); to_mean says how near")
        .per_input();
    f.real("to_mean", p.to_mean, {0, 1e6}, "how much a distance from that picture costs").rarely();
    f.integer("jitter", p.jitter, {0, 64}, "most pixels that the picture is shifted by at a step").in("px");
    f.real("blur", p.blur, {0, 8}, "smoothing after every step").in("px");
    f.real("decay", p.decay, {0, 1}, "share that fades after every step");
    f.random_seed("seed", p.synthesis.seed, "seed of the noise and of the shifts");
}

Tensor maximisation_start(const Request& request, const MaximisationParams& p) {
    if (p.mean == nullptr && p.to_mean > 0)
        fail(ErrorCode::bad_argument, "activation_maximisation: to_mean needs the picture `mean`");
    return start_picture(request, p.start, static_cast<double>(p.noise), p.synthesis.seed, p.mean.get());
}

class MaximisationRun final : public SynthesisRun {
public:
    MaximisationRun(const Request& request, const MaximisationParams& p)
        : SynthesisRun(request, p.synthesis),
          p_(p),
          pixels_(maximisation_start(request, p), range_),
          objective_(network()) {
        const Shape shape = request.input.shape();
        objective_.add(target_term(request));
        objective_.add(ink_term(range_, shape, p.l2));
        objective_.add(variation_term(range_, shape, p.tv, p.beta));
        if (p.mean != nullptr) objective_.add(distance_term(*p.mean, range_, p.to_mean));
    }

protected:
    std::vector<double> move(std::size_t step) override {
        const std::vector<double> values = at_shifted(pixels_.image(), step, p_.jitter, objective_, gradient_);
        pixels_.pull(gradient_);
        adam_.step(pixels_.slots(), params_.learning_rate);
        pixels_.moved();
        optimise::blur(pixels_.pixels(), p_.blur);
        optimise::decay(pixels_.pixels(), range_, p_.decay);
        return values;
    }
    Tensor picture() override { return pixels_.image(); }

private:
    MaximisationParams p_;
    optimise::Pixels pixels_;
    optimise::Objective objective_;
    Tensor gradient_;
};

std::unique_ptr<Run> start_maximisation(const Request& request, const MaximisationParams& p) {
    return std::make_unique<MaximisationRun>(request, p);
}

}  // namespace

Method activation_maximisation() {
    return define<MaximisationParams, start_maximisation>(
        {.id = "activation_maximisation",
         .family = "imagine",
         .title = "Activation maximisation",
         .question = "What picture does this class, or this unit, answer to most?",
         .formula = R"(x^* = \arg\max_x f_t(x) - \lambda R(x))",
         .reference = {"Erhan, Bengio, Courville, Vincent", "Visualizing Higher-Layer Features of a Deep Network", 2009,
                       "University of Montreal, technical report 1341"},
         .targets = any_target(),
         .outputs = synthesis_outputs("the picture that was found"),
         .caveat =
             "One of many pictures with that answer; what it looks like is as much the regulariser's doing as the "
             "network's.",
         .progressive = true,
         .pace = Pace::asked});
}

}  // namespace pellucid::methods
