#include "pellucid/methods/perturbation/game.hpp"

#include <algorithm>

namespace pellucid::methods {

Game::Game(const Request& request, Grouping grouping, Tensor baseline)
    : request_(request),
      grouping_(std::move(grouping)),
      baseline_(std::move(baseline)),
      evaluator_(request.explainer.plain()),
      settled_(settle_targets(request, evaluator_)) {
    const std::size_t pixels = grouping_.of_pixel.size() / inputs(), channels = request.input.shape()[3];
    for (std::size_t n = 0; n < inputs(); ++n) {
        at_baseline_.push_back(evaluator_.values(batch_slice(baseline_, n, 1), settled_.targets[n]).front());
        const auto x = sample(request.input, n), b = sample(std::as_const(baseline_), n);
        std::vector<bool> differs(players());
        for (std::size_t i = 0; i < x.size(); ++i) {
            if (x[i] != b[i]) differs[grouping_.of_pixel[n * pixels + i / channels]] = true;
        }
        auto& present = present_.emplace_back();
        for (std::size_t g = 0; g < players(); ++g) {
            if (differs[g]) present.push_back(g);
        }
    }
}

std::vector<double> Game::worth(std::size_t n, std::span<const Coalition> coalitions) {
    if (coalitions.empty()) return {};
    const auto x = sample(request_.input, n), b = sample(baseline_, n);
    const std::size_t channels = request_.input.shape()[3], pixels = x.size() / channels;
    const std::uint32_t* group = grouping_.of_pixel.data() + n * pixels;
    Tensor shown(with_batch(request_.input.shape(), coalitions.size()));
    for (std::size_t i = 0; i < coalitions.size(); ++i) {
        const auto to = sample(shown, i);
        for (std::size_t p = 0; p < pixels; ++p) {
            const auto& from = coalitions[i][group[p]] != 0 ? x : b;
            for (std::size_t c = p * channels; c < (p + 1) * channels; ++c) to[c] = from[c];
        }
    }
    return evaluator_.values(shown, settled_.targets[n]);
}

Result Game::result(Tensor scores) const {
    Result result;
    result.value = settled_.values;
    result.add("map", Map{painted(grouping_, scores, request_.input.shape())});
    result.add("scores", Scores{grouping_.names, std::move(scores)});
    return result;
}

std::vector<Output> group_outputs(Words of_scores) {
    return {map_output(MapKind::signed_values), scores_output("scores", "", of_scores)};
}

std::vector<Partition::Part> parts_of(std::span<const std::size_t> counts, std::size_t per_part) {
    std::vector<Partition::Part> parts;
    for (std::size_t n = 0; n < counts.size(); ++n) {
        const Partition even(1, counts[n], per_part);
        for (std::size_t p = 0; p < even.parts(); ++p) parts.push_back({n, even[p].first, even[p].count});
        if (counts[n] == 0) parts.push_back({n, 0, 0});
    }
    return parts;
}

Tensor row_of(std::span<const double> values) {
    Tensor row(Shape{1, 1, 1, values.size()});
    std::transform(values.begin(), values.end(), row.data(), [](double v) { return static_cast<float>(v); });
    return row;
}

}  // namespace pellucid::methods
