/// The game of hidden groups, played in double and by the definitions: what perturbation methods are compared with.
#pragma once

#include "pellucid/methods/method.hpp"
#include "support/oracle.hpp"
#include "support/random_network.hpp"

#include <algorithm>
#include <initializer_list>
#include <numeric>
#include <string_view>
#include <utility>
#include <vector>

namespace pellucid::test {

/// Groups by hand: pixel i belongs to group i·count / pixels, rows first.
inline Tensor group_map(const Network& network, std::size_t count) {
    Tensor map(Shape{1, network.input_shape()[1], network.input_shape()[2], 1});
    for (std::size_t i = 0; i < map.size(); ++i) map.data()[i] = static_cast<float>(i * count / map.size());
    return map;
}

/// f_t in double where group g shows the input if shown[g], and 0 stands everywhere else.
inline double worth_of(const Network& network, const Tensor& x, const Tensor& groups, const std::vector<int>& shown,
                       std::size_t target) {
    Array image(x);
    for (std::size_t i = 0; i < image.data.size(); ++i) {
        if (shown[static_cast<std::size_t>(groups.data()[i / x.shape()[3]])] == 0) image.data[i] = 0;
    }
    return reference_forward(network, image)[network.logits()].data[target];
}

/// Shapley values by their first definition: the mean of what a player adds over all orders.
inline std::vector<double> shapley_by_orders(const Network& network, const Tensor& x, const Tensor& groups,
                                             std::size_t players, std::size_t target) {
    std::vector<double> worth(std::size_t{1} << players);
    for (std::size_t mask = 0; mask < worth.size(); ++mask) {
        std::vector<int> shown(players);
        for (std::size_t g = 0; g < players; ++g) shown[g] = static_cast<int>(mask >> g & 1U);
        worth[mask] = worth_of(network, x, groups, shown, target);
    }
    std::vector<std::size_t> order(players);
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::vector<double> values(players, 0.0);
    double orders = 0;
    do {
        std::size_t mask = 0;
        for (const std::size_t g : order) {
            values[g] += worth[mask | (std::size_t{1} << g)] - worth[mask];
            mask |= std::size_t{1} << g;
        }
        ++orders;
    } while (std::next_permutation(order.begin(), order.end()));
    for (double& v : values) v /= orders;
    return values;
}

using Given = std::initializer_list<std::pair<std::string_view, ParamValue>>;

inline Result ask(std::string_view id, Explainer& explainer, const Tensor& x, const Target& target, Given given) {
    const Method& method = find_method(id);
    Params params(method.card);
    for (const auto& [name, value] : given) params.set(name, value);
    return explain(method, {explainer, x, target, params});
}

inline ParamValue tensor_value(Tensor tensor) { return std::make_shared<const Tensor>(std::move(tensor)); }

/// The scores of input n.
inline std::vector<double> scores_of(const Result& result, std::size_t n = 0) {
    const auto row = sample(result.find<Scores>("scores")->values, n);
    return {row.begin(), row.end()};
}

}  // namespace pellucid::test
