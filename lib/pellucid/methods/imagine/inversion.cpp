/// inversion: a picture that a layer cannot tell from the drawing: what the layer still knows of it. Mahendran, Vedaldi
/// 2015, 2016.
///
///   regularised  min_x ‖φ(x) − φ(x₀)‖²/‖φ(x₀)‖² + λ₂·mean s² + λ_tv·mean TV_β(s),  s = (x − low)/(high − low)
///   constrained  min_x ‖φ(x) − φ(x₀)‖²/‖φ(x₀)‖²  with  TV_β(s) ≤ TV_β(s₀): where a step leaves that set, the
///                picture is smoothed until it is in it again
///   posterior    min_z ‖φ(g(z)) − φ(x₀)‖²/‖φ(x₀)‖² + λ_z·‖z‖²/K,  x = g(z) of a generator (role generator), K
///                numbers in z
/// φ: `layer`, else the layer that the target is read from. Adam on the pixels, which stay within the range. Several
/// seeds, side by side, show the pictures that the layer takes for the same.
/// Shapes: map = the pictures. Cost: a forward and a backward pass per step. One part per step.
#include "pellucid/methods/imagine/generator.hpp"
#include "pellucid/optimise/transforms.hpp"

namespace pellucid::methods {

namespace {

enum class InversionForm : std::uint8_t { regularised, constrained, posterior };

struct InversionParams {
    SynthesisParams synthesis{.steps = 300, .learning_rate = 0.05F};
    std::string layer;
    InversionForm form = InversionForm::regularised;
    StartFrom start = StartFrom::noise;
    float noise = 0.2F;
    double l2 = 1e-4, tv = 1e-3, beta = 2, code_l2 = 0.01;
};

void describe(Fields& f, InversionParams& p) {
    describe_steps(f, p.synthesis, true);
    f.layer("layer", p.layer, "the layer to go by; else that of the target");
    f.choice("form", p.form, {"regularised", "constrained", "posterior"},
             "rough pictures cost, or are smoothed until they are not, or only a generator's pictures count");
    f.choice("start", p.start, {"noise", "drawing", "paper"}, "the picture to begin with").rarely();
    f.real("noise", p.noise, {0, 1}, "how much of the range the noise fills").when("start", {"noise"});
    f.real("l2", p.l2, {0, 1e6}, "how much ink costs").when("form", {"regularised"});
    f.real("tv", p.tv, {0, 1e6}, "how much roughness costs (total variation)").when("form", {"regularised"});
    f.real("code_l2", p.code_l2, {0, 1e6}, "how much a code costs that is far from 0").when("form", {"posterior"});
    f.real("tv_beta", p.beta, {1, 4}, "power of the roughness: 1 allows edges, 2 is smooth").rarely();
    f.random_seed("seed", p.synthesis.seed, "seed of the noise");
}

class InversionRun final : public SynthesisRun {
public:
    InversionRun(const Request& request, const InversionParams& p)
        : SynthesisRun(request, p.synthesis),
          p_(p),
          value_(layer_value(request, p.layer)),
          features_(features_of(request, value_)),
          objective_(network()),
          roughness_(variation_term(range_, request.input.shape(), 1, p.beta)) {
        if (p.form == InversionForm::posterior) {
            codes_ = std::make_unique<CodeDescent>(
                request, start_codes(generator_of(request), samples(), 1, 0.5, p.synthesis.seed));
            codes_->objective().add(feature_term(value_, features_, 1));
            return;
        }
        objective_.add(feature_term(value_, features_, 1));
        pixels_ = std::make_unique<optimise::Pixels>(
            start_picture(request, p.start, static_cast<double>(p.noise), p.synthesis.seed), range_);
        if (p.form == InversionForm::constrained) {
            for (std::size_t n = 0; n < samples(); ++n) allowed_.push_back(roughness(sample(request.input, n)));
        } else {
            objective_.add(ink_term(range_, request.input.shape(), p.l2));
            objective_.add(variation_term(range_, request.input.shape(), p.tv, p.beta));
        }
    }

protected:
    std::vector<double> move(std::size_t) override {
        if (codes_ != nullptr) {
            codes_->look(p_.code_l2 / codes_->length());
            return codes_->step(params_.learning_rate);
        }
        std::vector<double> values = descend(*pixels_, objective_);
        if (p_.form == InversionForm::constrained) project();
        return values;
    }
    Tensor picture() override { return codes_ != nullptr ? codes_->pictures() : pixels_->image(); }
    void add_outputs(Result& result, const Tensor& pictures) override {
        add_errors(result, request_, pictures, value_, features_);
    }

private:
    double roughness(std::span<const float> numbers) {
        ignored_.assign(numbers.size(), 0.0F);
        return roughness_.of(0, numbers, 0, ignored_);
    }

    void project() {
        constexpr int most = 50;  // each takes more than a tenth of the roughness of a rough picture
        for (std::size_t n = 0; n < samples(); ++n) {
            auto x = sample(pixels_->pixels(), n);
            if (roughness(x) <= allowed_[n]) continue;
            Tensor one = batch_slice(pixels_->pixels(), n, 1);
            for (int i = 0; i < most && roughness(elements(one)) > allowed_[n]; ++i) optimise::blur(one, 0.35);
            std::copy_n(one.data(), one.size(), x.data());
        }
    }

    InversionParams p_;
    ValueId value_;
    Tensor features_;
    std::unique_ptr<optimise::Pixels> pixels_;
    std::unique_ptr<CodeDescent> codes_;  // of the form posterior
    optimise::Objective objective_;
    optimise::Term roughness_;
    std::vector<double> allowed_;
    std::vector<float> ignored_;
};

std::unique_ptr<Run> start_inversion(const Request& request, const InversionParams& p) {
    return std::make_unique<InversionRun>(request, p);
}

}  // namespace

Method inversion() {
    return define<InversionParams, start_inversion>(
        {.id = "inversion",
         .family = "imagine",
         .title = "Inversion",
         .question = "What does this layer still know of the drawing?",
         .formula = R"(\min_x \|\phi(x)-\phi(x_0)\|^2 / \|\phi(x_0)\|^2 + \lambda R(x))",
         .reference = {"Mahendran, Vedaldi", "Understanding Deep Image Representations by Inverting Them", 2015,
                       "CVPR"},
         .targets = any_target(),
         .outputs = synthesis_outputs("a picture that the layer takes for the drawing", error_outputs()),
         .caveat = "One of many such pictures: other seeds find others, the more so the deeper the layer.",
         .progressive = true,
         .pace = Pace::asked});
}

}  // namespace pellucid::methods
