/// The untrained generator of the deep image prior, and the run that fits it.
#pragma once

#include "pellucid/methods/imagine/features.hpp"

namespace pellucid::methods {

struct PriorParams {
    SynthesisParams synthesis{.steps = 300, .learning_rate = 0.004F};
    std::size_t channels = 16;
};
void describe_prior(Fields& f, PriorParams& p);

/// A network with random weights (He's) that makes pictures of at least that size from noise:
/// ⌈h/4⌉×⌈w/4⌉×channels → convolution, twice as large, convolution, twice as large, convolution, convolution, sigmoid.
/// Its last bias makes pictures of the grey `mean` (a share) at first: where most of a picture is paper, a start at
/// half ink is pushed to paper everywhere, from where no gradient leads back.
Network prior_network(const Shape& picture, std::size_t channels, double mean, std::uint32_t seed);
/// Its input, uniform in 0 … 1.
Tensor prior_input(const Network& network, std::uint32_t seed);

/// Fits one such network to each sample by an objective. At a learning rate of 0.01 the first steps, which move all
/// weights alike, take half of the networks to where all is paper, and the sigmoid's slope is nothing. Adam's β₂ is
/// 0.99, so that it forgets how steep the start was.
class PriorRun : public SynthesisRun {
protected:
    /// known: 1 where the input counts, else 0; null: everywhere.
    PriorRun(const Request& request, const PriorParams& p, const Tensor* known = nullptr);
    std::vector<double> move(std::size_t) override;
    Tensor picture() override { return weights_.image(); }

    optimise::Objective objective_;

private:
    optimise::GeneratorWeights weights_;
};

/// Peak signal-to-noise ratio in dB of shares of the range: −10·log₁₀ mean d².
double psnr(double mean_square);

}  // namespace pellucid::methods
