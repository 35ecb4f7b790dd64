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

/// Codes that go down an objective of their pictures and a price of their own, from several starts for each sample.
class CodeDescent {
public:
    /// As many codes for each sample of the request, one after another.
    CodeDescent(const Request& request, Tensor codes);

    /// Of every code: its objective, price·‖z − to‖², and the slope of both. `to` is the sample's own; none: 0.
    void look(double price, const Tensor* to = nullptr);
    /// A step of Adam down that slope. Gives each sample's smallest sum of the two, before the step.
    std::vector<double> step(float rate);

    optimise::Objective& objective() { return objective_; }
    const Tensor& codes() { return code_.code(); }
    const Tensor& pictures() { return code_.image(); }
    /// The numbers in a code.
    double length() { return static_cast<double>(sample_size(codes())); }
    /// What look() found: ‖z − to‖² of every code, times the price.
    const std::vector<double>& prices() const { return prices_; }
    /// The sample that each code is of.
    const std::vector<std::size_t>& owners() const { return owners_; }
    /// Of codes, pictures: each sample's where the sum of the last step was smallest; before it the first start's.
    Tensor best_of(const Tensor& all) const;

private:
    std::vector<std::size_t> best() const;

    optimise::Objective objective_;
    optimise::Code code_;
    optimise::Adam adam_{{}};
    std::vector<std::size_t> owners_;
    std::vector<double> prices_, sums_;
    Tensor gradient_;
};

}  // namespace pellucid::methods
