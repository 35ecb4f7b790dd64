/// What attacks share: the loss that they climb, and the result that they give.
#pragma once

#include "pellucid/methods/method.hpp"

namespace pellucid::methods {

/// Class that sample n is attacked as: the target's class, or the predicted one.
std::vector<std::size_t> attacked_classes(const Request& request);

/// Gradient by x of the cross-entropy −log softmax(logits)[class] of every sample; descended where `targeted`, so the
/// sign is turned there: adding the result to x always helps the attack.
Tensor attack_direction(Evaluator& evaluator, const Tensor& x, const std::vector<std::size_t>& classes, bool targeted);

/// The result of an attack: the adversarial images and what was added to them; value: the logit of the attacked class at
/// the adversarial image; of every sample: whether it succeeded, the answer now and its probability, and the change's
/// L2 and L∞ norms.
Result attack_result(const Request& request, const Tensor& adversarial, const std::vector<std::size_t>& classes,
                     bool targeted);
/// What attack_result() gives.
std::vector<Output> attack_outputs();

/// The parameters that attacks have in common: epsilon, targeted.
struct AttackParams {
    float epsilon = 0.1F;
    bool targeted = false;
};
void describe_epsilon(Fields& f, AttackParams& p);
void describe_targeted(Fields& f, AttackParams& p);

}  // namespace pellucid::methods
