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

/// `means`: of the contributions over the baselines, which are the relevances. Messages are means, too; with one
/// baseline they are told as products. Passes are not kept but made again for every question about messages.
/// Cost of a question: two forward passes and one backward pass per baseline.
std::shared_ptr<const Layerwise> contribution_walk(Comparison comparison, Signals means);

}  // namespace pellucid::methods
