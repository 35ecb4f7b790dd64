/// lime against its normal equations in double, the intercept a column of its own.
#include "methods/game_by_hand.hpp"
#include "support/random_tensor.hpp"

#include <doctest/doctest.h>

#include <cmath>

using namespace pellucid;

namespace {

/// Solves A·x = b by elimination with pivots.
std::vector<double> eliminated(std::vector<std::vector<double>> a, std::vector<double> b) {
    const std::size_t n = b.size();
    for (std::size_t i = 0; i < n; ++i) {
        std::size_t pivot = i;
        for (std::size_t r = i + 1; r < n; ++r) {
            if (std::abs(a[r][i]) > std::abs(a[pivot][i])) pivot = r;
        }
        std::swap(a[i], a[pivot]);
        std::swap(b[i], b[pivot]);
        for (std::size_t r = 0; r < n; ++r) {
            if (r == i) continue;
            const double factor = a[r][i] / a[i][i];
            for (std::size_t c = i; c < n; ++c) a[r][c] -= factor * a[i][c];
            b[r] -= factor * b[i];
        }
    }
    for (std::size_t i = 0; i < n; ++i) b[i] /= a[i][i];
    return b;
}

}  // namespace

TEST_CASE("lime: coefficients, intercept and fit are those of weighted ridge regression") {
    constexpr std::size_t players = 7, samples = 60;
    Random random(9);
    Tensor coalitions(Shape{1, samples, players, 1});
    for (float& v : elements(coalitions)) v = random.uniform() < 0.5F ? 0.0F : 1.0F;
    for (const std::uint32_t seed : {0U, 1U, 5U}) {
        for (const double alpha : {1.0, 0.0}) {
            Explainer explainer(test::random_network(seed));
            const Network& network = explainer.network();
            const Tensor x = test::random_batch(network, 1, seed), groups = test::group_map(network, players);
            const Result result = test::ask("lime", explainer, x, Target::of_class(1),
                                            {{"group_map", test::tensor_value(groups)},
                                             {"coalitions", test::tensor_value(coalitions)},
                                             {"ridge", alpha},
                                             {"kernel_width", 0.3}});
            // Columns: the groups, then 1.
            std::vector<std::vector<double>> a(players + 1, std::vector<double>(players + 1, 0.0));
            std::vector<double> b(players + 1, 0.0), y(samples), w(samples);
            std::vector<std::vector<double>> z(samples, std::vector<double>(players + 1, 1.0));
            for (std::size_t s = 0; s < samples; ++s) {
                std::vector<int> shown(players);
                double members = 0;
                for (std::size_t g = 0; g < players; ++g) {
                    shown[g] = static_cast<int>(coalitions.data()[s * players + g]);
                    z[s][g] = shown[g];
                    members += shown[g];
                }
                y[s] = test::worth_of(network, x, groups, shown, 1);
                const double distance = 1 - members / (std::sqrt(members) * std::sqrt(double{players}));
                w[s] = std::sqrt(std::exp(-(members > 0 ? distance * distance : 1.0) / (0.3 * 0.3)));
                for (std::size_t i = 0; i <= players; ++i) {
                    for (std::size_t j = 0; j <= players; ++j) a[i][j] += w[s] * z[s][i] * z[s][j];
                    b[i] += w[s] * z[s][i] * y[s];
                }
            }
            for (std::size_t g = 0; g < players; ++g) a[g][g] += alpha;
            const std::vector<double> wanted = eliminated(a, b);
            const std::vector<double> scores = test::scores_of(result);
            double largest = 0;
            for (const double v : wanted) largest = std::max(largest, std::abs(v));
            for (std::size_t g = 0; g < players; ++g) CHECK(std::abs(scores[g] - wanted[g]) <= 1e-4 * largest);
            CHECK(std::abs(result.scalar("intercept")[0] - wanted[players]) <= 1e-4 * largest);
            double mean = 0, weights = 0, left = 0, variance = 0;
            for (std::size_t s = 0; s < samples; ++s) {
                mean += w[s] * y[s];
                weights += w[s];
            }
            for (std::size_t s = 0; s < samples; ++s) {
                double says = 0;
                for (std::size_t i = 0; i <= players; ++i) says += wanted[i] * z[s][i];
                left += w[s] * (y[s] - says) * (y[s] - says);
                variance += w[s] * (y[s] - mean / weights) * (y[s] - mean / weights);
            }
            CHECK(result.scalar("fit")[0] == doctest::Approx(1 - left / variance).epsilon(1e-4));
        }
    }
}

TEST_CASE("lime: fewer samples than groups, and nothing that holds coefficients back, still give numbers") {
    Explainer explainer(test::random_network(1));
    const Tensor x = test::random_batch(explainer.network(), 1, 1);
    for (const std::int64_t samples : {1, 2, 5}) {
        const Result result =
            test::ask("lime", explainer, x, Target::of_class(0), {{"samples", samples}, {"ridge", 0.0}});
        for (const double c : test::scores_of(result)) CHECK(std::abs(c) < 1e3);
    }
}

TEST_CASE("lime: its own samples belong to seed and number alone") {
    Explainer explainer(test::random_network(1));
    const Tensor x = test::random_batch(explainer.network(), 1, 1);
    const auto scores = [&](std::int64_t seed) {
        return test::scores_of(
            test::ask("lime", explainer, x, Target::of_class(0), {{"samples", std::int64_t{200}}, {"seed", seed}}));
    };
    CHECK(scores(3) == scores(3));
    CHECK(scores(3) != scores(4));
}
