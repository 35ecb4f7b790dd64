#include "pellucid/methods/attribution/rectified.hpp"

#include <algorithm>

namespace pellucid::methods {

namespace {

/// Places of the channel's strongest unit, sample by sample, in one sample's elements.
std::vector<std::size_t> strongest_units(const Tensor& values, std::size_t channel) {
    std::vector<std::size_t> places;
    for (std::size_t n = 0; n < values.shape()[0]; ++n) {
        const auto v = sample(values, n);
        std::size_t best = channel;
        for (std::size_t i = channel; i < v.size(); i += values.shape()[3]) {
            if (v[i] > v[best]) best = i;
        }
        places.push_back(best);
    }
    return places;
}

}  // namespace

void describe(Fields& f, WalkParams& p) {
    f.choice("start", p.start, {"all", "strongest"},
             "of a channel target: start at all its units, or at the strongest alone (a single filter)");
}

std::vector<Output> walk_outputs() {
    return {map_output(MapKind::signed_values),
            optional_output(scalar_output("row", "place", "row of the channel's strongest unit")),
            optional_output(scalar_output("column", "place", "column of the channel's strongest unit"))};
}

Result walk_down(const Request& request, const WalkParams& p, const Composite& composite) {
    Evaluator& evaluator = request.explainer.plain();
    const Network& network = evaluator.network();
    const Trace& trace = evaluator.trace(request.input);
    const ValueId from = target_value(request.target, network);
    Result result;
    Tensor seed;
    Scalar row, column;
    if (p.start == Start::all || request.target.kind != TargetKind::channel) {
        seed = target_seed(request.target, network, trace, SeedMode::gradient);
        result.value = target_values(request.target, network, trace);
    } else {
        const Tensor& values = trace.values[from];
        seed = zeros(values.shape());
        const std::vector<std::size_t> places = strongest_units(values, request.target.index);
        for (std::size_t n = 0; n < places.size(); ++n) {
            sample(seed, n)[places[n]] = 1.0F;
            result.value.push_back(static_cast<double>(sample(values, n)[places[n]]));
            const std::size_t pixel = places[n] / values.shape()[3];
            row.per_sample.push_back(static_cast<double>(pixel / values.shape()[2]));
            column.per_sample.push_back(static_cast<double>(pixel % values.shape()[2]));
        }
    }
    result.add("map", Map{evaluator.backward(trace, composite, from, seed).values[0]});
    if (!row.per_sample.empty()) {
        result.add("row", std::move(row));
        result.add("column", std::move(column));
    }
    return result;
}

}  // namespace pellucid::methods
