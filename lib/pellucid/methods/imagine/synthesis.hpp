/// What syntheses share: a picture that an objective moves step by step, watched all the way.
///
/// A run that diverges (its objective is no finite number any more, or stays far above what it was) says so in
/// `diverged` and shows the picture whose objective was the smallest; the other samples go on.
#pragma once

#include "pellucid/methods/method.hpp"
#include "pellucid/nn/range.hpp"
#include "pellucid/optimise/objective.hpp"
#include "pellucid/optimise/parameterisation.hpp"

#include <optional>
#include <string>
#include <vector>

namespace pellucid::methods {

struct SynthesisParams {
    std::size_t steps = 200;
    float learning_rate = 0.05F;
    std::size_t frames = 0;
    std::uint32_t seed = 0;
};
/// steps, learning_rate, frames. of_pixels: the rate is that of pixels, and follows their range.
void describe_steps(Fields& f, SynthesisParams& p, bool of_pixels = false);

/// map, objective; probability, predicted, diverged; frames where asked. `more` come after the map and the objective.
std::vector<Output> synthesis_outputs(Words picture, std::vector<Output> more = {});

class SynthesisRun : public Run {
public:
    std::size_t most() const final { return params_.steps; }
    bool finished() const final { return Run::finished() || (done() > 0 && ended()); }
    Result snapshot() final;

protected:
    SynthesisRun(const Request& request, const SynthesisParams& params, const optimise::Adam::Options& adam = {});

    /// Moves the pictures once; returns each sample's objective, which is made small, before the move.
    virtual std::vector<double> move(std::size_t step) = 0;
    /// The pictures as they are now.
    virtual Tensor picture() = 0;
    /// Whether no further step changes anything, though some are left: of every sample the numbers are none any more.
    virtual bool ended() const;
    /// The method's own outputs for these pictures.
    virtual void add_outputs(Result&, const Tensor& /*pictures*/) {}

    /// The objective is another one from here on: what was measured before is forgotten.
    void begin_again();

    /// One step of a descent: the objective at the pictures that the numbers stand for, and a move by its gradient.
    std::vector<double> descend(optimise::Parameterisation& numbers, optimise::Objective& objective);

    /// The objective at the pictures as they are seen when each is shifted by chance, up to `jitter` pixels, and its
    /// gradient.
    std::vector<double> at_shifted(const Tensor& pictures, std::size_t step, std::size_t jitter,
                                   optimise::Objective& objective, Tensor& gradient);

    Evaluator& evaluator() { return request_.explainer.plain(); }
    const Network& network() const { return request_.explainer.network(); }
    std::size_t samples() const { return request_.input.shape()[0]; }

    Request request_;
    SynthesisParams params_;
    InputRange range_;
    optimise::Adam adam_;

private:
    void advance(std::size_t step) final;
    bool diverged(std::size_t n) const;
    Series objective_series() const;
    Tensor sound_picture();

    std::vector<std::vector<double>> objective_;  // per step, per sample
    std::vector<char> broken_;                    // no finite number any more
    std::vector<double> best_;                    // each sample's smallest objective,
    Tensor good_;                                 // and the picture that had it
    Frames frames_;
    Tensor gradient_, shifted_;
};

/// f_t as a term that is made small: −f_t, of a probability −log p. Of "predicted" each sample's own class at the
/// start.
optimise::Term target_term(const Request& request, double weight = 1);
/// The class that a target names for sample n: of "predicted" what the input is taken for. Throws Error(bad_argument)
/// where the target names no class.
std::size_t class_of(const Request& request, std::size_t n);

/// weight·‖x‖², distances from paper as shares of the range; and total variation. Means over the picture's values.
optimise::Term ink_term(const InputRange& range, const Shape& shape, double weight);
optimise::Term variation_term(const InputRange& range, const Shape& shape, double weight, double beta);
/// weight·mean (x − to)²; sample n's own, or one for all.
optimise::Term distance_term(Tensor to, const InputRange& range, double weight);

/// Where a synthesis begins.
/// mean: of methods that are given one.
enum class StartFrom : std::uint8_t { noise, drawing, paper, mean };
/// noise: every value uniform in the lower `share` of the range, the same for all samples. mean: that picture, one for
/// all or one for each sample; throws where it is asked for and not there, and where it does not fit.
Tensor start_picture(const Request& request, StartFrom start, double share, std::uint32_t seed,
                     const Tensor* mean = nullptr);

/// ‖a − b‖/‖b‖ of every sample.
Scalar relative_differences(const Tensor& a, const Tensor& b);

}  // namespace pellucid::methods
