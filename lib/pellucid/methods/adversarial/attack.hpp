/// What attacks share: the loss that they climb, the bounds that they keep, and the result that they give.
#pragma once

#include "pellucid/methods/method.hpp"

namespace pellucid::methods {

/// What the samples of a batch are attacked as.
struct Attacked {
    /// Of each sample: the target's class, or what it is taken for. Of a network with one output alone `class:0` is its
    /// yes, the label 1; "predicted" is its decision, 1 or 0.
    std::vector<std::size_t> labels;
    std::size_t unit(std::size_t n, const Network& network) const { return network.classes() == 1 ? 0 : labels[n]; }
};

Attacked attacked(const Request& request);

/// Gradient by x of the loss that belongs to the network's head (nn/head.hpp: cross-entropy, or binary cross-entropy where
/// classes are decided singly) of every sample; descended where `targeted`, so the sign is turned there: adding the result
/// to x always helps the attack.
Tensor attack_direction(Evaluator& evaluator, const Tensor& x, const Attacked& attacked, bool targeted);

/// Where an attack may go from `original`: no pixel further than `epsilon`, none out of the network's input range. Both hold
/// to the last bit: of the difference in real numbers, and of that in float32.
class Bounds {
public:
    Bounds(const Tensor& original, const Network& network, double epsilon);
    /// The allowed number next to `wanted` for element i of the batch.
    float nearest(std::size_t i, double wanted) const;

private:
    const Tensor& original_;
    InputRange range_;
    double epsilon_;
};

/// The result of an attack: the adversarial images and what was added to them; value: the logit of the attacked class at
/// the adversarial image; of every sample: whether it succeeded, the answer now and its probability, and the change's
/// L2 and L∞ norms.
Result attack_result(const Request& request, const Tensor& adversarial, const Attacked& attacked, bool targeted);
/// What attack_result() gives.
std::vector<Output> attack_outputs();

/// The parameters that attacks have in common: epsilon, targeted.
struct AttackParams {
    double epsilon = 0.1;
    bool targeted = false;
};
void describe_epsilon(Fields& f, AttackParams& p);
void describe_targeted(Fields& f, AttackParams& p);

}  // namespace pellucid::methods
