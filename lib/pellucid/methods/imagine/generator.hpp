/// Syntheses that move the code of a generator: pictures that could be digits, by construction.
#pragma once

#include "pellucid/methods/imagine/features.hpp"

namespace pellucid::methods {

/// What was given as the generator. Throws Error(bad_shape) where its pictures are no inputs of the network.
const Network& generator_of(const Request& request);

/// Normal codes times `scale`, `starts` for each sample one after another, all samples' the same.
Tensor start_codes(const Network& generator, std::size_t samples, std::size_t starts, double scale, std::uint32_t seed);

/// "code": the numbers that the generator made the picture of.
Output code_output();
Scores code_scores(const Tensor& code);

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
