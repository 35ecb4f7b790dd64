#include "pellucid/methods/attribution/sampling.hpp"

namespace pellucid::methods {

SettledTargets settle_targets(const Request& request, Evaluator& evaluator) {
    const Trace& trace = evaluator.trace(request.input);
    SettledTargets settled;
    settled.values = target_values(request.target, evaluator.network(), trace);
    for (std::size_t n = 0; n < request.input.shape()[0]; ++n) {
        settled.targets.push_back(settle(request.target, evaluator.network(), trace, n));
    }
    return settled;
}

}  // namespace pellucid::methods
