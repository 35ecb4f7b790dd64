/// feature_ablation against the network asked in double, group by group, and what groups must be.
#include "methods/game_by_hand.hpp"
#include "pellucid/error.hpp"
#include "pellucid/methods/perturbation/superpixels.hpp"
#include "support/random_tensor.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <set>

using namespace pellucid;

TEST_CASE("feature_ablation: each group's loss is f(x) minus f without it, input by input") {
    for (const std::uint32_t seed : {0U, 1U, 2U, 5U}) {
        Explainer explainer(test::random_network(seed));
        const Network& network = explainer.network();
        const Tensor x = test::random_batch(network, 2, seed), groups = test::group_map(network, 6);
        const Result result = test::ask("feature_ablation", explainer, x, Target::of_class(1),
                                        {{"group_map", test::tensor_value(groups)}});
        for (std::size_t n = 0; n < 2; ++n) {
            const Tensor one = batch_slice(x, n, 1);
            const std::vector<double> scores = test::scores_of(result, n);
            const double whole = test::worth_of(network, one, groups, std::vector<int>(6, 1), 1);
            for (std::size_t g = 0; g < 6; ++g) {
                std::vector<int> shown(6, 1);
                shown[g] = 0;
                const double loss = whole - test::worth_of(network, one, groups, shown, 1);
                CHECK(std::abs(scores[g] - loss) <= 1e-4 * (1 + std::abs(loss)));
            }
            for (std::size_t i = 0; i < groups.size(); ++i) {
                CHECK(static_cast<double>(sample(result.map(), n)[i]) ==
                      scores[static_cast<std::size_t>(groups.data()[i])]);
            }
        }
    }
}

TEST_CASE("feature_ablation: blank paper has no effect, of any piece, against any of its baselines") {
    Explainer explainer(test::random_network(1));
    const Tensor blank = zeros(explainer.network().input_shape());
    for (const char* id : {"feature_ablation", "occlusion", "kernel_shap", "shapley_sampling"}) {
        CAPTURE(id);
        const Result result = test::ask(id, explainer, blank, Target::of_class(0), {});
        for (const float v : elements(result.map())) CHECK(v == 0.0F);
    }
}

TEST_CASE("groups: a grid's cells are even; superpixels are connected pieces that keep ink and paper apart") {
    // A ring of ink on paper.
    Tensor ring = zeros({1, 28, 28, 1});
    for (std::size_t y = 0; y < 28; ++y) {
        for (std::size_t x = 0; x < 28; ++x) {
            const double r = std::hypot(static_cast<double>(y) - 13.5, static_cast<double>(x) - 13.5);
            if (r > 6 && r < 9) ring(0, y, x, 0) = 1.0F;
        }
    }
    std::vector<std::uint32_t> labels(784);
    for (std::size_t i = 0; i < 784; ++i) labels[i] = static_cast<std::uint32_t>(i / 28 / 4 * 7 + i % 28 / 4);
    methods::fit_superpixels(ring, 49, 0.2, labels);
    double mixed = 0;
    std::vector<double> ink(49), size(49);
    for (std::size_t i = 0; i < 784; ++i) {
        REQUIRE(labels[i] < 49);
        ink[labels[i]] += static_cast<double>(ring.data()[i]);
        size[labels[i]] += 1;
    }
    for (std::size_t g = 0; g < 49; ++g) mixed += std::min(ink[g], size[g] - ink[g]);
    CHECK(mixed <= 8);  // pixels that are with their opposite; the grid of the start has 150
    // Connected: from any pixel of a piece all others are reached.
    std::vector<bool> met(784, false);
    std::set<std::uint32_t> done;
    for (std::size_t start = 0; start < 784; ++start) {
        if (met[start]) continue;
        CHECK(done.insert(labels[start]).second);
        std::vector<std::size_t> open{start};
        met[start] = true;
        while (!open.empty()) {
            const std::size_t i = open.back();
            open.pop_back();
            const auto go = [&](bool inside, std::size_t j) {
                if (!inside || met[j] || labels[j] != labels[start]) return;
                met[j] = true;
                open.push_back(j);
            };
            go(i >= 28, i - 28);
            go(i + 28 < 784, i + 28);
            go(i % 28 > 0, i - 1);
            go(i % 28 < 27, i + 1);
        }
    }
    CHECK(done.size() > 30);
}

TEST_CASE("groups: a map that does not cover the picture, or holds no numbers of groups, is refused") {
    Explainer explainer(test::random_network(0));
    const Network& network = explainer.network();
    const Tensor x = test::random_batch(network, 1, 0);
    const auto refused = [&](Tensor map, const char* sentence) {
        for (const char* id : {"feature_ablation", "lime", "kernel_shap", "shapley_sampling"}) {
            CHECK_THROWS_WITH_AS(
                test::ask(id, explainer, x, Target::of_class(0), {{"group_map", test::tensor_value(map)}}),
                doctest::Contains(sentence), Error);
        }
    };
    refused(zeros({1, 2, 2, 1}), "does not cover inputs of shape");
    Tensor map = test::group_map(network, 3);
    map.data()[1] = -1.0F;
    refused(map, "every pixel needs the number of its group");
    map.data()[1] = 0.5F;
    refused(map, "every pixel needs the number of its group");
    map.data()[1] = std::nanf("");
    refused(map, "holds nan");
    map = test::group_map(network, 2);
    for (float& v : elements(map)) v *= 2;
    refused(map, "has no pixel in group 1");
    CHECK_THROWS_WITH_AS(
        test::ask("feature_ablation", explainer, x, Target::of_class(0), {{"groups", std::string("map")}}),
        doctest::Contains("needs a group_map"), Error);
    for (const char* id : {"lime", "kernel_shap"}) {
        CHECK_THROWS_WITH_AS(test::ask(id, explainer, x, Target::of_class(0),
                                       {{"coalitions", test::tensor_value(zeros({1, 3, 1000, 1}))}}),
                             doctest::Contains("do not fit"), Error);
        CHECK_THROWS_WITH_AS(test::ask(id, explainer, x, Target::of_class(0),
                                       {{"group_map", test::tensor_value(test::group_map(network, 3))},
                                        {"coalitions", test::tensor_value(filled({1, 4, 3, 1}, 0.5F))}}),
                             doctest::Contains("1 shows a group"), Error);
    }
    CHECK_THROWS_WITH_AS(test::ask("shapley_sampling", explainer, x, Target::of_class(0),
                                   {{"group_map", test::tensor_value(test::group_map(network, 3))},
                                    {"permutations", test::tensor_value(zeros({1, 4, 3, 1}))}}),
                         doctest::Contains("every number from 0 to 2 once"), Error);
}
