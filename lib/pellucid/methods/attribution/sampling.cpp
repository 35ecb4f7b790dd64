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

Result mean_contributions(const Request& request, const SettledTargets& settled, const Partition& partition,
                          std::size_t done, const Moments& moments, const std::vector<double>& baseline_sums) {
    Result result;
    result.value = settled.values;
    result.map = zeros(request.input.shape());
    Tensor error = result.map;
    const std::size_t size = sample_size(request.input);
    Completeness completeness;
    for (std::size_t n = 0; n < request.input.shape()[0]; ++n) {
        const auto count = static_cast<double>(partition.neighbours_done(n, done));
        if (count == 0) continue;
        double total = 0;
        for (std::size_t i = n * size; i < (n + 1) * size; ++i) {
            const double mean = moments.mean(i, count);
            total += mean;
            result.map.data()[i] = static_cast<float>(mean);
            error.data()[i] = static_cast<float>(moments.standard_error_of_mean(i, count));
        }
        completeness.add(total, settled.values[n], baseline_sums[n] / count);
    }
    if (partition.neighbours() > 1) result.images.emplace_back("standard_error", std::move(error));
    result.numbers = completeness.numbers();
    return result;
}

}  // namespace pellucid::methods
