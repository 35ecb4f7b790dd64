/// kernel_shap and shapley_sampling against Shapley values by their first definition, over all orders, in double.
#include "methods/game_by_hand.hpp"
#include "pellucid/methods/perturbation/shapley.hpp"
#include "pellucid/nn/layers.hpp"

#include <doctest/doctest.h>

#include <cmath>

using namespace pellucid;

namespace {

/// All orders of so many players, one a row.
Tensor all_orders(std::size_t players) {
    std::vector<std::size_t> order(players);
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::vector<float> rows;
    do {
        rows.insert(rows.end(), order.begin(), order.end());
    } while (std::next_permutation(order.begin(), order.end()));
    Tensor tensor(Shape{1, rows.size() / players, players, 1});
    std::copy(rows.begin(), rows.end(), tensor.data());
    return tensor;
}

double sum_of(const std::vector<double>& values) { return std::accumulate(values.begin(), values.end(), 0.0); }

}  // namespace

TEST_CASE("kernel_shap, shapley_sampling: with all coalitions or all orders they are the Shapley values") {
    for (const std::uint32_t seed : {0U, 1U, 2U, 5U}) {
        for (const std::size_t players : {1UL, 2UL, 5UL}) {
            Explainer explainer(test::random_network(seed));
            const Network& network = explainer.network();
            const Tensor x = test::random_batch(network, 1, seed), groups = test::group_map(network, players);
            const std::vector<double> wanted = test::shapley_by_orders(network, x, groups, players, 1);
            double largest = 0;
            for (const double v : wanted) largest = std::max(largest, std::abs(v));
            const ParamValue map = test::tensor_value(groups);
            // Few samples: what makes it exact is that there are few players.
            const Result kernel = test::ask("kernel_shap", explainer, x, Target::of_class(1),
                                            {{"group_map", map}, {"samples", std::int64_t{3}}});
            const Result sampled =
                test::ask("shapley_sampling", explainer, x, Target::of_class(1),
                          {{"group_map", map}, {"permutations", test::tensor_value(all_orders(players))}});
            for (const Result* result : {&kernel, &sampled}) {
                const std::vector<double> scores = test::scores_of(*result);
                for (std::size_t g = 0; g < players; ++g) CHECK(std::abs(scores[g] - wanted[g]) <= 1e-4 * largest);
                const double difference = result->value[0] - result->scalar("baseline_value")[0];
                CHECK(std::abs(sum_of(scores) - difference) <= 1e-5 * std::max(std::abs(difference), largest));
            }
            CHECK(kernel.scalar("coalitions")[0] == (players == 1 ? 0 : std::pow(2.0, players) - 2));
        }
    }
}

TEST_CASE("kernel_shap, shapley_sampling: samples come near the values, and sum to the difference whatever they are") {
    Explainer explainer(test::random_network(2));
    const Network& network = explainer.network();
    const Tensor x = test::random_batch(network, 1, 3), groups = test::group_map(network, 14);
    const ParamValue map = test::tensor_value(groups);
    // 2^14 − 2 coalitions are asked where the samples allow it; the orders' values are those of all coalitions.
    const Result exact = test::ask("kernel_shap", explainer, x, Target::of_class(0),
                                   {{"group_map", map}, {"samples", std::int64_t{20000}}});
    CHECK(exact.scalar("coalitions")[0] == 16382);
    const std::vector<double> wanted = test::scores_of(exact);
    double largest = 0;
    for (const double v : wanted) largest = std::max(largest, std::abs(v));
    const auto error = [&](const char* id, std::int64_t samples) {
        const Result result =
            test::ask(id, explainer, x, Target::of_class(0), {{"group_map", map}, {"samples", samples}});
        const std::vector<double> scores = test::scores_of(result);
        const double difference = result.value[0] - result.scalar("baseline_value")[0];
        CHECK(std::abs(sum_of(scores) - difference) <= 1e-4 * (std::abs(difference) + largest));
        double worst = 0;
        for (std::size_t g = 0; g < wanted.size(); ++g) worst = std::max(worst, std::abs(scores[g] - wanted[g]));
        return worst / largest;
    };
    CHECK(error("kernel_shap", 2000) < 0.1);
    CHECK(error("shapley_sampling", 1000) < 0.1);
    CHECK(error("kernel_shap", 5) < 10);  // fewer than players: no number runs away
}

TEST_CASE("kernel_shap, shapley_sampling: alike players get alike, one that does nothing gets nothing") {
    // f = (sum of the first two groups)² in effect: a dense layer, a ReLU, a sum; groups 0 and 1 are interchangeable,
    // group 2 has no weights, group 3 has no ink.
    Network network({1, 1, 4, 1});
    network.add("flatten", std::make_unique<Flatten>());
    Tensor weights = zeros({1, 1, 4, 2}), bias = zeros({1, 1, 1, 2});
    for (const std::size_t i : {0U, 1U}) weights(0, 0, i, 0) = weights(0, 0, i, 1) = 1.0F;
    weights(0, 0, 3, 0) = 5.0F;
    bias(0, 0, 0, 0) = -1.0F;
    network.add("dense", std::make_unique<Dense>(weights, bias));
    network.add("relu", std::make_unique<Activation>(Activation::Function::relu));
    network.add("top", std::make_unique<Dense>(filled({1, 1, 2, 2}, 1.0F), zeros({1, 1, 1, 2})));
    Explainer explainer(std::move(network));
    Tensor x = filled({1, 1, 4, 1}, 1.0F);
    x(0, 0, 3, 0) = 0.0F;
    const ParamValue map = test::tensor_value(test::group_map(explainer.network(), 4));
    for (const char* id : {"kernel_shap", "shapley_sampling"}) {
        CAPTURE(id);
        const ParamValue orders = test::tensor_value(all_orders(4));
        const Result result =
            std::string_view(id) == "kernel_shap"
                ? test::ask(id, explainer, x, Target::of_class(0), {{"group_map", map}})
                : test::ask(id, explainer, x, Target::of_class(0), {{"group_map", map}, {"permutations", orders}});
        const std::vector<double> scores = test::scores_of(result);
        CHECK(scores[0] == doctest::Approx(1.5));  // of relu(1) + 2 = 3 between two
        CHECK(scores[1] == doctest::Approx(scores[0]));
        CHECK(std::abs(scores[2]) < 1e-6);
        CHECK(std::abs(scores[3]) < 1e-6);
    }
}

TEST_CASE("shapley: values and interactions of a game that is known") {
    // v = 2·a + b·c + 4·a·b·c with bits a, b, c.
    std::vector<double> worth(8);
    for (std::size_t mask = 0; mask < 8; ++mask) {
        const auto bit = [mask](std::size_t i) { return (mask >> i & 1U) != 0 ? 1.0 : 0.0; };
        const double a = bit(0), b = bit(1), c = bit(2);
        worth[mask] = 2 * a + b * c + 4 * a * b * c;
    }
    const std::vector<double> values = methods::shapley_values(worth, 3);
    CHECK(values[0] == doctest::Approx(2 + 4.0 / 3));
    CHECK(values[1] == doctest::Approx(0.5 + 4.0 / 3));
    CHECK(values[2] == doctest::Approx(0.5 + 4.0 / 3));
    const std::vector<double> pairs = methods::shapley_interactions(worth, 3);
    CHECK(pairs[1 * 3 + 2] == doctest::Approx(1 + 2));  // b·c, and half of a·b·c's 4
    CHECK(pairs[0 * 3 + 1] == doctest::Approx(2));
    CHECK(pairs[1 * 3 + 0] == pairs[0 * 3 + 1]);
    CHECK(pairs[0] == 0);
    double kernel = 0;
    for (const std::size_t size : {1UL, 2UL}) kernel += 3 * methods::shapley_kernel(3, size);
    CHECK(kernel == doctest::Approx(3 * (2.0 / (3 * 1 * 2)) * 2));
}
