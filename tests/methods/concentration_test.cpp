// concentration: the closed forms against sums of many points drawn here by another way, and what is known of limits.
#include "pellucid/methods/method.hpp"
#include "pellucid/random.hpp"
#include "support/random_network.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <string>
#include <vector>

using namespace pellucid;

namespace {

Result concentrated(const std::vector<std::pair<std::string, std::string>>& settings, std::size_t samples = 1) {
    const Network network = test::random_network(0);
    Explainer explainer(network);
    const Method& method = find_method("concentration");
    Params params(method.card);
    for (const auto& [name, value] : settings) params.set(name, std::string_view(value));
    return explain(method, {explainer, zeros(with_batch(network.input_shape(), samples)), Target::of_class(0), params});
}

const Series& curve(const Result& result, std::string_view name) {
    const Series* series = result.find<Series>(name);
    REQUIRE(series != nullptr);
    return *series;
}

}  // namespace

TEST_CASE("concentration: dimensions double up to the largest, and every sample has the same curves") {
    const Result result = concentrated({{"dimensions", "12"}, {"points", "20"}}, 2);
    const Series& series = curve(result, "spread");
    CHECK(series.at == std::vector<float>{1, 2, 4, 8, 12});
    for (std::size_t k = 0; k < 5; ++k) CHECK(series.values.data()[k] == series.values.data()[5 + k]);
    CHECK(curve(concentrated({{"dimensions", "1"}}), "spread").at == std::vector<float>{1});
}

TEST_CASE("concentration: the closed forms are those of points drawn by rejection from a cube") {
    constexpr std::size_t points = 5;
    const Result result = concentrated({{"dimensions", "4"}, {"points", "5"}, {"shell", "0.2"}});
    for (const std::size_t d : {1, 2, 4}) {
        CAPTURE(d);
        Random random(static_cast<std::uint32_t>(77 + d));
        constexpr std::size_t rounds = 8000;
        double near = 0, first = 0, sum = 0, squares = 0;
        for (std::size_t round = 0; round < rounds; ++round) {
            std::vector<std::vector<double>> drawn;
            while (drawn.size() < points) {
                std::vector<double> x(d);
                double square = 0;
                for (double& v : x) {
                    v = static_cast<double>(random.uniform(-1.0F, 1.0F));
                    square += v * v;
                }
                if (square <= 1) drawn.push_back(x);
            }
            for (std::size_t n = 0; n < points; ++n) {
                double radius = 0, nearest = 1e9;
                for (const double v : drawn[n]) radius += v * v;
                for (std::size_t k = 0; k < points; ++k) {
                    double square = 0;
                    for (std::size_t i = 0; i < d; ++i)
                        square += (drawn[n][i] - drawn[k][i]) * (drawn[n][i] - drawn[k][i]);
                    if (k == n) continue;
                    nearest = std::min(nearest, square);
                    sum += square;
                    squares += square * square;
                }
                const double gap = 1 - std::sqrt(radius);
                near += gap <= 0.2 ? 1 : 0;
                first += gap < std::sqrt(nearest) ? 1 : 0;
            }
        }
        const double all = static_cast<double>(points * rounds), pairs = all * (points - 1), mean = sum / pairs;
        const std::size_t at = d == 1 ? 0 : d == 2 ? 1 : 2;
        const auto given = [&](std::string_view name) {
            return static_cast<double>(curve(result, name).values.data()[at]);
        };
        CHECK(std::abs(given("near_boundary") - near / all) < 0.01);
        CHECK(std::abs(given("boundary_first") - first / all) < 0.01);
        CHECK(std::abs(given("spread") - std::sqrt(squares / pairs - mean * mean) / mean) < 0.02);
    }
}

TEST_CASE("concentration: what is drawn agrees with the closed forms, and both go to their limits") {
    const Result result = concentrated({{"dimensions", "1024"}, {"points", "300"}, {"seed", "3"}});
    for (const char* name : {"near_boundary", "spread", "boundary_first"}) {
        const Series& exact = curve(result, name);
        const Series& drawn = curve(result, std::string(name) + "_sampled");
        for (std::size_t k = 0; k < exact.at.size(); ++k) {
            CAPTURE(name);
            CAPTURE(exact.at[k]);
            CHECK(std::abs(exact.values.data()[k] - drawn.values.data()[k]) < 0.1F);
        }
    }
    const auto last = [&](const char* name) {
        const Series& series = curve(result, name);
        return static_cast<double>(series.values.data()[series.at.size() - 1]);
    };
    CHECK(last("near_boundary") > 0.9999);
    CHECK(last("near_boundary_sampled") == 1.0);
    CHECK(last("boundary_first") > 0.9999);
    CHECK(last("boundary_first_sampled") == 1.0);
    CHECK(last("spread") < 0.04);
    CHECK(last("spread_sampled") < 0.04);
    // In one dimension the share that meets the surface first is 1/N.
    CHECK(curve(result, "boundary_first").values.data()[0] == doctest::Approx(1.0 / 300).epsilon(0.01));
    CHECK(curve(result, "spread_sampled").values.data()[10] !=
          curve(concentrated({{"dimensions", "1024"}, {"points", "300"}, {"seed", "4"}}), "spread_sampled")
              .values.data()[10]);
}
