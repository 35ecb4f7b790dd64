/// simple_taylor against a search and a gradient in double, and what its root points must be.
#include "pellucid/error.hpp"
#include "pellucid/methods/method.hpp"
#include "pellucid/nn/layers.hpp"
#include "support/oracle.hpp"
#include "support/random_network.hpp"
#include "support/random_tensor.hpp"
#include "support/results.hpp"
#include "support/rounds.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <functional>

using namespace pellucid;
using test::Array;
using test::number;
using test::sum;

namespace {

constexpr std::size_t steps = 16;

Result decompose(Explainer& explainer, const Tensor& x, const Target& target, const char* towards,
                 const Tensor* baseline = nullptr) {
    const Method& method = find_method("simple_taylor");
    Params params(method.card);
    params.set("steps", ParamValue(std::int64_t{steps}));
    params.set("towards", std::string_view(towards));
    if (baseline != nullptr) params.set("baseline_image", ParamValue(std::make_shared<const Tensor>(*baseline)));
    return explain(method, {explainer, x, target, params});
}

std::vector<double> logits(const Network& network, const Array& x) {
    return test::reference_forward(network, x)[network.logits()].data;
}

/// f at s on the way from x to `end`.
Array between(const Array& x, const Array& end, double s) {
    Array at = x;
    for (std::size_t i = 0; i < at.data.size(); ++i) at.data[i] += s * (end.data[i] - x.data[i]);
    return at;
}

/// The last point on x's side of the first change of sign that the grid of steps shows, or the end.
std::pair<double, bool> root_on(const std::function<double(double)>& height) {
    const double start = height(0);
    for (std::size_t k = 1; k <= steps; ++k) {
        double near = static_cast<double>(k - 1) / double{steps}, far = static_cast<double>(k) / double{steps};
        if (height(far) * start > 0) continue;
        for (int i = 0; i < 60; ++i) {
            const double middle = (near + far) / 2;
            (height(middle) * start > 0 ? near : far) = middle;
        }
        return {near, true};
    }
    return {1.0, false};
}

double margin(const std::vector<double>& z, std::size_t c) {
    double rival = -1e300;
    for (std::size_t i = 0; i < z.size(); ++i) {
        if (i != c) rival = std::max(rival, z[i]);
    }
    return z[c] - rival;
}

/// Dense layers alone, without a ReLU: linear in the input.
Network linear_network() {
    Random random(5);
    Network network({1, 1, 1, 6});
    Tensor weight = test::random_tensor({1, 1, 6, 3}, random), bias = test::random_tensor({1, 1, 1, 3}, random, 0.2F);
    network.add("dense", std::make_unique<Dense>(std::move(weight), std::move(bias)));
    return network;
}

}  // namespace

TEST_CASE("simple_taylor: map and root point equal a search and central differences in double") {
    std::size_t with_root = 0, without = 0;
    for (std::uint32_t seed = 0; seed < (test::all_rounds() ? 10U : 1U); ++seed) {
        Explainer explainer(test::random_network(seed, {.batch_norm = false}));
        const Network& network = explainer.network();
        Random random(seed + 40);
        const Tensor x = test::random_tensor(network.input_shape(), random);
        // Not paper: there all windows of a max-pool tie, and no derivative is the right one.
        const Tensor baseline = test::random_tensor(network.input_shape(), random, 0.3F);
        const Array x64(x), baseline64(baseline);
        const std::size_t c = seed % network.classes();
        for (const char* towards : {"baseline", "boundary"}) {
            CAPTURE(seed);
            CAPTURE(std::string(towards));
            const bool boundary = std::string_view(towards) == "boundary";
            const auto height = [&](const Array& at) {
                const std::vector<double> z = logits(network, at);
                return boundary ? margin(z, c) : z[c];
            };
            Array moved = x64, end = baseline64;
            if (boundary) {
                const Array slope = test::numeric_gradient([&] { return height(moved); }, moved);
                const double length = -10 * height(x64) / test::dot(slope, slope);
                for (std::size_t i = 0; i < end.data.size(); ++i) end.data[i] = x64.data[i] + length * slope.data[i];
            }
            const auto [s, found] = root_on([&](double at) { return height(between(x64, end, at)); });
            Array root = between(x64, end, s);
            const double root_value = logits(network, root)[c];
            Array expected = test::numeric_gradient([&] { return logits(network, root)[c]; }, root, 1e-7);
            for (std::size_t i = 0; i < expected.data.size(); ++i) expected.data[i] *= x64.data[i] - root.data[i];

            const Result result = decompose(explainer, x, Target::of_class(c), towards, &baseline);
            CHECK(number(result, "root_found") == (found ? 1 : 0));
            CHECK(test::relative_error(result.map("root_point"), root) <= 1e-5);
            CHECK(test::relative_error(result.map(), expected) <= 1e-3);
            const double scale = std::max(std::abs(result.value[0]), 1.0);
            CHECK(std::abs(number(result, "root_value") - root_value) <= 1e-4 * scale);
            CHECK(number(result, "remainder") ==
                  doctest::Approx(result.value[0] - number(result, "root_value") - sum(result.map())).epsilon(1e-4));
            if (found && !boundary) CHECK(std::abs(number(result, "root_value")) <= 1e-4 * scale);
            if (found && boundary)
                CHECK(std::abs(margin(logits(network, Array(result.map("root_point"))), c)) <= 1e-4 * scale);
            (found ? with_root : without) += 1;
        }
    }
    CHECK(with_root + without > 0);
    if (test::all_rounds()) {
        CHECK(with_root >= 8);
        CHECK(without >= 2);
    }
}

TEST_CASE("simple_taylor: a linear network leaves no remainder, and its boundary is the nearest") {
    Explainer explainer(linear_network());
    Random random(6);
    for (int i = 0; i < 10; ++i) {
        const Tensor x = test::random_tensor({1, 1, 1, 6}, random, 2.0F);
        for (const char* towards : {"baseline", "boundary"}) {
            const Result result = decompose(explainer, x, Target::parse("predicted"), towards);
            CHECK(std::abs(number(result, "remainder")) <= 1e-5 * std::max(1.0, std::abs(result.value[0])));
        }
        // A contrast is 0 at the boundary, at the distance |contrast| / ‖w_t − w_u‖.
        const Result contrast = decompose(explainer, x, Target::parse("contrast:0-2"), "boundary");
        const auto& weight = dynamic_cast<const Dense&>(*explainer.network().nodes()[0].layer).weight();
        double square = 0;
        for (std::size_t k = 0; k < 6; ++k) {
            const double d = static_cast<double>(weight(0, 0, k, 0)) - static_cast<double>(weight(0, 0, k, 2));
            square += d * d;
        }
        CHECK(number(contrast, "root_found") == 1);
        CHECK(number(contrast, "distance") ==
              doctest::Approx(std::abs(contrast.value[0]) / std::sqrt(square)).epsilon(1e-4));
        CHECK(sum(contrast.map()) == doctest::Approx(contrast.value[0]).epsilon(1e-4));
    }
}

TEST_CASE("simple_taylor: without a root on the way, x0 is the way's end") {
    Network network({1, 1, 1, 2});
    Tensor weight(Shape{1, 1, 2, 2}), bias = filled({1, 1, 1, 2}, 3.0F);
    std::fill_n(weight.data(), 4, 1.0F);
    network.add("dense", std::make_unique<Dense>(std::move(weight), std::move(bias)));
    Explainer explainer(std::move(network));
    const Tensor x = filled({1, 1, 1, 2}, 0.5F);
    const Result result = decompose(explainer, x, Target::of_class(0), "baseline");  // 4 at x, 3 at paper
    CHECK(number(result, "root_found") == 0);
    CHECK(number(result, "root_value") == doctest::Approx(3));
    CHECK(number(result, "distance") == doctest::Approx(std::sqrt(0.5)));
    CHECK(sum(result.map()) == doctest::Approx(1));
    for (const float v : elements(result.map("root_point"))) CHECK(v == 0.0F);
    // Equal logits: x itself is on the boundary, and nothing is left to explain.
    const Result undecided = decompose(explainer, x, Target::of_class(0), "boundary");
    CHECK(number(undecided, "root_found") == 1);
    CHECK(sum(undecided.map()) == 0);
}
