#include "pellucid/methods/attribution/rectified.hpp"

namespace pellucid::methods {

Result walk_down(const Request& request, const Composite& composite) {
    Evaluator& evaluator = request.explainer.plain();
    const Trace& trace = evaluator.trace(request.input);
    const Tensor seed = target_seed(request.target, evaluator.network(), trace, SeedMode::gradient);
    Result result;
    result.map =
        evaluator.backward(trace, composite, target_value(request.target, evaluator.network()), seed).values[0];
    result.value = target_values(request.target, evaluator.network(), trace);
    return result;
}

}  // namespace pellucid::methods
