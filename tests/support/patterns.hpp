/// Patterns for networks of tests.
#pragma once

#include "pellucid/methods/evaluator.hpp"
#include "pellucid/train/pattern_estimator.hpp"
#include "support/random_tensor.hpp"

namespace pellucid::test {

/// Gives the explainer patterns that are estimated from random inputs.
inline void give_patterns(Explainer& explainer, std::uint32_t seed = 17) {
    const Network& network = explainer.merged().network();
    train::PatternEstimator estimator(network, train::PatternKind::relu);
    Random random(seed);
    estimator.add(uniform_tensor(with_batch(network.input_shape(), 12), random, 0.0F, 1.0F));
    explainer.attach(Role::patterns, estimator.patterns());
}

}  // namespace pellucid::test
