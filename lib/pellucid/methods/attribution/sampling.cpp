#include "pellucid/methods/attribution/sampling.hpp"

namespace pellucid::methods {

SettledTargets settle_targets(const Request& request, Evaluator& evaluator) {
    const Tensor& outputs = evaluator.outputs(request.input, request.target);
    SettledTargets settled;
    settled.values = target_values(request.target, evaluator.network(), outputs);
    for (std::size_t n = 0; n < request.input.shape()[0]; ++n) {
        settled.targets.push_back(settle(request.target, outputs, n));
    }
    return settled;
}

std::vector<Output> contribution_outputs() {
    return {map_output(MapKind::signed_values),
            scalar_output("completeness_gap", "share",
                          "what the contributions miss of the difference from the baseline's score"),
            scalar_output("baseline_value", "score", "the target's value at the baseline")};
}

std::vector<Output> mean_contribution_outputs() {
    std::vector<Output> outputs = contribution_outputs();
    outputs.insert(outputs.begin() + 1, standard_error_output());
    return outputs;
}

Result mean_contributions(const Request& request, const SettledTargets& settled, const Partition& partition,
                          std::size_t done, const Moments& moments, const std::vector<double>& baseline_sums) {
    Result result;
    result.value = settled.values;
    Tensor map = zeros(request.input.shape());
    Tensor error = map;
    const std::size_t size = sample_size(request.input);
    Completeness completeness;
    for (std::size_t n = 0; n < request.input.shape()[0]; ++n) {
        const auto count = static_cast<double>(partition.neighbours_done(n, done));
        double total = 0;
        for (std::size_t i = n * size; count > 0 && i < (n + 1) * size; ++i) {
            const double mean = moments.mean(i, count);
            total += mean;
            map.data()[i] = static_cast<float>(mean);
            error.data()[i] = static_cast<float>(moments.standard_error_of_mean(i, count));
        }
        completeness.add(total, settled.values[n], count > 0 ? baseline_sums[n] / count : 0.0);
    }
    result.add("map", Map{std::move(map)});
    if (partition.neighbours() > 1) result.add("standard_error", Map{std::move(error)});
    completeness.add_to(result);
    return result;
}

}  // namespace pellucid::methods
