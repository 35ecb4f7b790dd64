/// What attacks share: whom they attack as what, the bounds that they keep, and the result that they give.
#pragma once

#include "pellucid/methods/adversarial/victim.hpp"
#include "pellucid/methods/method.hpp"

#include <limits>

namespace pellucid::methods {

/// What bounds or measures a change: its largest element, or its length.
enum class Norm : std::uint8_t { linf, l2 };

/// What the samples of a batch are attacked as.
struct Attacked {
    /// Of each sample: the target's class, or what it is taken for. Of a network with one output alone `class:0` is its
    /// yes, the label 1; "predicted" is its decision, 1 or 0.
    std::vector<std::size_t> labels;
    bool targeted = false;
    std::size_t unit(std::size_t n, const Network& network) const { return network.classes() == 1 ? 0 : labels[n]; }
};

/// Throws Error where the network has one answer only, and, targeted, where the target is what a sample is already
/// taken for: then there is nothing to change.
Attacked attacked(const Request& request, bool targeted);

/// The answer to move each sample to: the target's class where targeted, else the best answer other than the label.
std::vector<std::size_t> wanted_answers(const Request& request, const Attacked& attacked);

/// Throws Error(bad_argument) for an ε beyond the range: more than a pixel (linf) or a whole image (l2) can change.
void check_epsilon(double epsilon, Norm norm, const Network& network);

/// Throws Error(unsupported) where sample `n` has no gradient to follow: `gradient` is 0 throughout.
void check_gradient(std::span<const float> gradient, std::size_t n);

/// Where an attack may go from an input: no value further than ε from it, none out of the network's input range. Both
/// hold to the last bit: of the difference in real numbers, and of that in float32.
struct Box {
    Tensor low, high;  ///< shaped as the input
    float nearest(std::size_t i, float wanted) const;
};
/// One ε for each sample; by default only the range counts. An input may lie outside its range (by rounding; by more
/// where the model declares no range): it goes no further out.
Box box_around(const Tensor& original, const Network& network, std::span<const double> epsilons);
Box box_around(const Tensor& original, const Network& network,
               double epsilon = std::numeric_limits<double>::infinity());

/// The largest value, and the length, of a − b; each difference counts as the larger of the exact and the float32 one.
double largest_change(std::span<const float> a, std::span<const float> b);
double distance(std::span<const float> a, std::span<const float> b);

/// Puts `x`, which is within the range, within ε of `from` in L2, to the last bit; `range` is that of sample n of a
/// batch.
void shorten(std::span<const float> from, double epsilon, const Box& range, std::size_t n, std::span<float> x);

/// The result of an attack: the adversarial images and what was added to them; value: the logit of the attacked class
/// at the adversarial image; of every sample: whether it succeeded, the answer now and its probability, and the
/// change's norms. What a method has to say besides it adds behind.
Result attack_result(const Request& request, const Tensor& adversarial, const Attacked& attacked);
/// What attack_result() gives, and what is added.
std::vector<Output> attack_outputs(std::vector<Output> more = {});

/// The parameters that attacks have in common.
void describe_epsilon(Fields& f, double& epsilon,
                      Words help = "largest change: of a pixel (linf), or of the whole image (l2)");
void describe_norm(Fields& f, Norm& norm);
void describe_targeted(Fields& f, bool& targeted);

}  // namespace pellucid::methods
