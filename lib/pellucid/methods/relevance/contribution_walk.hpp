/// DeepLIFT's contributions in every layer, and where each unit has its own from.
#pragma once

#include "pellucid/backward/layerwise.hpp"
#include "pellucid/methods/relevance/contributions.hpp"

#include <memory>

namespace pellucid::methods {

/// What is compared with what.
struct Comparison {
    Evaluator& evaluator;  ///< must outlive whatever is made of this
    Tensor input;
    std::vector<Tensor> baselines;  ///< of each input, any number; or one batch for all of them
    std::vector<Target> targets;    ///< of each input, settled
    DeepLiftOptions options;
};

/// Relevances are means of the contributions over the baselines, and so are messages; with one baseline these are told as
/// products. Passes are not kept but made again for every question.
/// Cost: two forward passes and one backward pass per baseline.
std::shared_ptr<const Layerwise> contribution_walk(Comparison comparison);

}  // namespace pellucid::methods
