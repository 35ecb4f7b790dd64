/// am_code_space: activation maximisation over the codes of a generator. Nguyen, Dosovitskiy, Yosinski, Brox, Clune
/// 2016.
///
///   max_z f_t(g(z)) − λ‖z‖²,  with f_t = log p_c for a class
/// g: the generator that was given (role generator). Adam on z, from the best of `starts` normal codes of length about
/// `spread`·√K: a slope leads from a code of one digit to a bad picture between digits as often as to another digit.
/// Shapes: map = g(z), code = z. Cost: a forward pass of both networks per start, then a forward and a backward pass of
/// both per step. One part per step.
#include "pellucid/error.hpp"
#include "pellucid/methods/imagine/generator.hpp"

#include <algorithm>
#include <limits>

namespace pellucid::methods {

namespace {

struct CodeSpaceParams {
    SynthesisParams synthesis{.steps = 200, .learning_rate = 0.05F};
    double code_l2 = 0.01, spread = 1;
    std::size_t starts = 128;
    std::shared_ptr<const Tensor> code;
};

void describe(Fields& f, CodeSpaceParams& p) {
    describe_steps(f, p.synthesis);
    f.real("code_l2", p.code_l2, {0, 1e6},
           "λ: how much a code costs that is far from 0, as few are that were trained on");
    f.real("spread", p.spread, {0, 10}, "deviation of the code to begin with").rarely();
    f.integer("starts", p.starts, {1, 4096}, "codes to choose the beginning from: the one with the best objective")
        .rarely();
    f.image("code", p.code,
            "a code to begin with, (1, 1, 1, K), or one for each input; else a normal one, the best of `starts`")
        .replay();
    f.random_seed("seed", p.synthesis.seed, "seed of the code to begin with");
}

/// Classes by their log-probability.
Request by_probability(Request request) {
    if (request.target.kind == TargetKind::logit) request.target.kind = TargetKind::probability;
    return request;
}

Tensor first_codes(const Request& request, const CodeSpaceParams& p) {
    const Network& generator = generator_of(request);
    const std::size_t samples = request.input.shape()[0];
    if (p.code == nullptr) return start_codes(generator, samples, 1, p.spread, p.synthesis.seed);
    const std::size_t length = sample_size(generator.input_shape()), count = p.code->size() / length;
    if (p.code->size() != count * length || (count != 1 && count != samples)) {
        fail(ErrorCode::bad_shape,
             "am_code_space: a code of shape {} does not fit: the generator reads {} numbers, once or for each of {} "
             "inputs",
             to_string(Shape(p.code->shape())), length, samples);
    }
    Tensor codes(with_batch(generator.input_shape(), samples));
    for (std::size_t n = 0; n < samples; ++n)
        std::copy_n(p.code->data() + (count == 1 ? 0 : n * length), length, sample(codes, n).data());
    return codes;
}

class CodeSpaceRun final : public SynthesisRun {
public:
    CodeSpaceRun(const Request& request, const CodeSpaceParams& p)
        : SynthesisRun(request, p.synthesis), weight_(p.code_l2), descent_(request, begin(p)) {
        descent_.objective().add(term_);
    }

protected:
    std::vector<double> move(std::size_t) override {
        descent_.look(weight_);
        return descent_.step(params_.learning_rate);
    }
    Tensor picture() override { return descent_.pictures(); }
    void add_outputs(Result& result, const Tensor&) override { result.add("code", code_scores(descent_.codes())); }

private:
    /// The code that was given; else of the codes that are drawn each sample's best.
    Tensor begin(const CodeSpaceParams& p) {
        Tensor begin = first_codes(request_, p);
        if (p.code != nullptr) return begin;
        constexpr std::size_t at_once = 64;
        CodeDrawings drawings(request_);
        std::vector<double> best(samples(), std::numeric_limits<double>::infinity());
        std::vector<float> of_code(sample_size(begin), 0.0F), of_value;
        for (std::size_t first = 0; first < p.starts; first += at_once) {
            const Tensor codes = normal_codes(generator_of(request_), first, std::min(at_once, p.starts - first),
                                              p.spread, p.synthesis.seed);
            const Tensor& numbers = evaluator().forward(drawings(codes)).values[term_.value];
            of_value.assign(sample_size(numbers), 0.0F);
            for (std::size_t n = 0; n < samples(); ++n) {
                for (std::size_t k = 0; k < codes.shape()[0]; ++k) {
                    const auto code = sample(codes, k);
                    const double now = term_.of(n, sample(numbers, k), 0, of_value) +
                                       weight_ * optimise::squared_distance(code, {}, 0, of_code);
                    if (now >= best[n]) continue;
                    best[n] = now;
                    std::ranges::copy(code, sample(begin, n).begin());
                }
            }
        }
        return begin;
    }

    double weight_;
    optimise::Term term_ = target_term(by_probability(request_));
    CodeDescent descent_;
};

std::unique_ptr<Run> start_code_space(const Request& request, const CodeSpaceParams& p) {
    return std::make_unique<CodeSpaceRun>(request, p);
}

}  // namespace

Method am_code_space() {
    return define<CodeSpaceParams, start_code_space>(
        {.id = "am_code_space",
         .family = "imagine",
         .title = "Activation maximisation in code space",
         .question = "Which digit that a generator can write does this class answer to most?",
         .formula = R"(\max_z \log p(c \mid g(z)) - \lambda\|z\|^2)",
         .reference = {"Nguyen, Dosovitskiy, Yosinski, Brox, Clune",
                       "Synthesizing the Preferred Inputs for Neurons in Neural Networks via Deep Generator Networks",
                       2016, "NeurIPS"},
         .targets = any_target(),
         .outputs = synthesis_outputs("what the generator makes of the code", {code_output()}),
         .caveat = "It shows only what the generator can make: that pictures look natural is the generator's doing.",
         .progressive = true,
         .needs = {Role::generator},
         .pace = Pace::asked});
}

}  // namespace pellucid::methods
