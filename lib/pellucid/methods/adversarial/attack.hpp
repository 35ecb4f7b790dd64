/// What attacks share: the loss that they climb, and the result that they give.
#pragma once

#include "pellucid/methods/method.hpp"

namespace pellucid::methods {

/// Class that sample n is attacked as: the target's class, or the predicted one.
std::vector<std::size_t> attacked_classes(const Request& request);

/// Gradient by x of the cross-entropy −log softmax(logits)[class] of every sample; descended where `targeted`, so the
/// sign is turned there: adding the result to x always helps the attack.
Tensor attack_direction(Evaluator& evaluator, const Tensor& x, const std::vector<std::size_t>& classes, bool targeted);

/// The result of an attack: map = the adversarial images; images "perturbation"; value: the logit of the attacked
/// class at the adversarial image; numbers: success (share of samples), prediction and its probability (of the first
/// sample), l2 and linf (means over the batch).
Result attack_result(const Request& request, const Tensor& adversarial, const std::vector<std::size_t>& classes);

/// Parameter cards that attacks have in common: epsilon, targeted.
ParamCard epsilon_param(double fallback);
ParamCard targeted_param();

}  // namespace pellucid::methods
