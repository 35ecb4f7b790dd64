/// fooling_image: a picture that the network is sure of and that looks like nothing. Nguyen, Yosinski, Clune 2015
/// (their gradient ascent).
///
///   x ← Π(x + rate·extent·√D·g/‖g‖₂),  g = ∇ log p_c(x),  until p_c(x) ≥ confidence
/// Π keeps to the range, D = values of x. From noise, paper or the drawing. The steps are short and of a fixed length
/// and stop at once, so that the picture stays near where it began; nothing pulls it towards a digit.
/// Shapes: map = the pictures. Cost: a forward and a backward pass per step. One part per step.
#include "pellucid/methods/imagine/synthesis.hpp"

#include "pellucid/nn/head.hpp"
#include "pellucid/ops.hpp"

#include <algorithm>
#include <cmath>

namespace pellucid::methods {

namespace {

struct FoolingParams {
    SynthesisParams synthesis{.steps = 300, .learning_rate = 0.005F};
    StartFrom start = StartFrom::noise;
    float noise = 0.5F;
    double confidence = 0.99;
};

void describe(Fields& f, FoolingParams& p) {
    describe_steps(f, p.synthesis);
    f.real("confidence", p.confidence, {0.01, 0.9999}, "probability to stop at");
    f.choice("start", p.start, {"noise", "drawing", "paper"}, "the picture to begin with");
    f.real("noise", p.noise, {0, 1}, "how much of the range the noise fills").when("start", {"noise"});
    f.random_seed("seed", p.synthesis.seed, "seed of the noise");
}

/// −log of the probability of a class; of one output alone, yes is the class 0 that the target names.
optimise::Term class_term(const Request& request) {
    Request of_class = request;
    of_class.target =
        settle(request.target, request.explainer.network(), request.explainer.plain().trace(request.input), 0);
    of_class.target.kind = TargetKind::probability;
    return target_term(of_class);
}

class FoolingRun final : public SynthesisRun {
public:
    FoolingRun(const Request& request, const FoolingParams& p)
        : SynthesisRun(request, p.synthesis),
          p_(p),
          start_(start_picture(request, p.start, static_cast<double>(p.noise), p.synthesis.seed)),
          pixels_(start_, range_),
          fooled_(samples(), 0) {
        for (std::size_t n = 0; n < samples(); ++n) {
            Request one = request;
            one.input = batch_slice(request.input, n, 1);
            terms_.push_back(class_term(one));
        }
        objective_.add({terms_[0].value, 1,
                        [this](std::size_t n, optimise::Numbers numbers, double scale, std::span<float> gradient) {
                            return terms_[n].of(0, numbers, scale, gradient);
                        }});
    }

protected:
    std::vector<double> move(std::size_t) override {
        const std::vector<double> values = objective_(pixels_.image(), gradient_);
        Tensor& x = pixels_.pixels();
        for (std::size_t n = 0; n < samples(); ++n) {
            fooled_[n] = std::exp(-values[n]) >= p_.confidence;
            if (fooled_[n]) continue;
            const auto g = sample(gradient_, n);
            const double square = ops::sum_of_squares(g);
            const double step = static_cast<double>(params_.learning_rate) * static_cast<double>(range_.extent()) *
                                std::sqrt(static_cast<double>(g.size()) / std::max(square, 1e-60));
            auto to = sample(x, n);
            for (std::size_t i = 0; i < g.size(); ++i) to[i] -= static_cast<float>(step * static_cast<double>(g[i]));
        }
        pixels_.moved();
        return values;
    }
    Tensor picture() override { return pixels_.image(); }
    bool ended() const override {
        return std::ranges::all_of(fooled_, [](char fooled) { return fooled != 0; }) || SynthesisRun::ended();
    }

    void add_outputs(Result& result, const Tensor& pictures) override {
        Tensor change = pictures;
        ops::subtract(elements(change), elements(start_));
        Scalar l2;
        for (std::size_t n = 0; n < samples(); ++n)
            l2.per_sample.push_back(ops::length(sample(std::as_const(change), n)));
        result.add("perturbation", Map{std::move(change)});
        result.add("success", Scalar{confident(pictures)});
        result.add("l2", std::move(l2));
    }

private:
    std::vector<double> confident(const Tensor& pictures) {
        Tensor unused;
        std::vector<double> success;
        for (const double loss : objective_(pictures, unused))
            success.push_back(std::exp(-loss) >= p_.confidence ? 1 : 0);
        return success;
    }

    FoolingParams p_;
    Tensor start_;
    optimise::Pixels pixels_;
    optimise::Objective objective_{network()};
    std::vector<optimise::Term> terms_;
    std::vector<char> fooled_;
    Tensor gradient_;
};

std::unique_ptr<Run> start_fooling(const Request& request, const FoolingParams& p) {
    return std::make_unique<FoolingRun>(request, p);
}

}  // namespace

Method fooling_image() {
    return define<FoolingParams, start_fooling>(
        {.id = "fooling_image",
         .family = "imagine",
         .title = "Fooling image",
         .question = "Is the network sure of things that are no digit at all?",
         .formula = R"(x_{k+1} = \Pi\big(x_k + \eta\,\nabla\log p_c / \|\nabla\log p_c\|\big))",
         .reference = {"Nguyen, Yosinski, Clune",
                       "Deep Neural Networks are Easily Fooled: High Confidence Predictions for Unrecognizable Images",
                       2015, "CVPR"},
         .targets = {TargetKind::logit, TargetKind::probability, TargetKind::predicted},
         .outputs = synthesis_outputs("the picture that the network is sure of",
                                      {map_output(MapKind::change, "how it differs from the start", "perturbation"),
                                       scalar_output("success", "yes", "whether the confidence was reached"),
                                       scalar_output("l2", "", "length of the change as an L2 norm")}),
         .caveat = "That such a picture exists says nothing about the answers to real drawings.",
         .progressive = true,
         .pace = Pace::asked});
}

}  // namespace pellucid::methods
