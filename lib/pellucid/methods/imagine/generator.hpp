/// Syntheses that move the code of a generator: pictures that could be digits, by construction.
#pragma once

#include "pellucid/backward/input_gradient.hpp"
#include "pellucid/methods/imagine/features.hpp"

namespace pellucid::methods {

/// What was given as the generator. Throws Error(bad_shape) where its pictures are no inputs of the network.
const Network& generator_of(const Request& request);

/// Draws what a generator makes of codes, as the network's inputs.
class CodeDrawings {
public:
    explicit CodeDrawings(const Request& request);
    /// Valid until the next call.
    const Tensor& operator()(const Tensor& codes);

private:
    const Network& generator_;
    InputGradient passes_;
    InputRange range_;
    Tensor drawn_;
};

/// Normal codes times `scale`, those of the numbers first … first + count − 1 of one `series`.
Tensor normal_codes(const Network& generator, std::size_t first, std::size_t count, double scale, std::uint32_t seed,
                    std::size_t series = 0);
/// The first `starts` of them for each sample one after another, all samples' the same.
Tensor start_codes(const Network& generator, std::size_t samples, std::size_t starts, double scale, std::uint32_t seed);

/// "code": the numbers that the generator made the picture of.
Output code_output();
Scores code_scores(const Tensor& code);

/// weight·‖z − to‖² of every code, added to the codes' values, and its gradient added to theirs. `to` is a row for
/// each, or for as many one after another as there are starts; none: 0.
void add_code_price(std::vector<double>& values, optimise::Code& code, double weight, const Tensor* to = nullptr);

/// A run that moves codes by an objective of the pictures and by terms of the codes themselves.
class CodeRun : public SynthesisRun {
protected:
    CodeRun(const Request& request, const SynthesisParams& params, Tensor start);
    std::vector<double> move(std::size_t) override;
    Tensor picture() override { return code_.image(); }
    void add_outputs(Result& result, const Tensor&) override { result.add("code", code_scores(code_.code())); }

    /// What a code costs; adds the gradient by it.
    virtual double code_term(std::size_t sample, optimise::Numbers code, std::span<float> gradient) = 0;

    optimise::Code code_;
    optimise::Objective objective_;
};

}  // namespace pellucid::methods
