/// Interval bounds: never certify what brute force breaks, are what a plain transcription gives, and of linear
/// classifiers the truth.
#include "pellucid/error.hpp"
#include "pellucid/methods/adversarial/interval.hpp"
#include "pellucid/methods/method.hpp"
#include "pellucid/nn/layers.hpp"
#include "support/linear_network.hpp"
#include "support/random_network.hpp"
#include "support/random_tensor.hpp"
#include "support/rounds.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

using namespace pellucid;

namespace {

Result certify(Explainer& explainer, const Tensor& x,
               const std::vector<std::pair<std::string, std::string>>& settings = {},
               const char* target = "predicted") {
    const Method& method = find_method("certificate");
    Params params(method.card);
    for (const auto& [name, value] : settings) params.set(name, std::string_view(value));
    return explain(method, {explainer, x, Target::parse(target), params});
}

/// Points of the box: all of its corners where they are few, random corners, points on faces, points within.
Tensor points_of(const Tensor& low, const Tensor& high, std::size_t count, Random& random) {
    Tensor points = repeat(low, count);
    for (std::size_t n = 0; n < count; ++n) {
        const auto point = sample(points, n);
        for (std::size_t i = 0; i < point.size(); ++i) {
            const float a = low.data()[i], b = high.data()[i];
            const bool upper = point.size() < 12 ? (n >> i) % 2 == 1 : random.below(2) == 1;
            const float inside = std::clamp(a + (b - a) * random.uniform(), a, b);
            point[i] = n % 3 == 2 && random.below(2) == 1 ? inside : upper ? b : a;
        }
    }
    return points;
}

/// One to three layers of everything that bounds are made for, on 3 × 3 × 1.
Network tiny(std::uint32_t seed) {
    Random random(seed);
    Network network(Shape{1, 3, 3, 1});
    using enum Activation::Function;
    const std::vector<Activation::Function> functions{relu,  leaky_relu, sigmoid,   tanh,     clip,         elu,
                                                      celu,  selu,       softplus,  softsign, hard_sigmoid, hard_swish,
                                                      swish, gelu,       gelu_tanh, mish,     erf};
    const auto function = functions[seed % functions.size()];
    const float a = function == selu                      ? 1.67F
                    : function == hard_sigmoid            ? 0.2F
                    : function == elu || function == celu ? 1.0F
                    : function == clip                    ? -0.2F
                                                          : 0.1F;
    const float b = function == selu ? 1.05F : function == hard_sigmoid ? 0.5F : 1.0F;
    network.add("conv", std::make_unique<Conv2d>(test::random_tensor({2, 2, 1, 3}, random),
                                                 test::random_tensor({1, 1, 1, 3}, random)));
    network.add("f", std::make_unique<Activation>(function, a, b));
    if (seed % 2 == 0) {
        network.add("norm", std::make_unique<BatchNorm>(
                                test::random_tensor({1, 1, 1, 3}, random), test::random_tensor({1, 1, 1, 3}, random),
                                test::random_tensor({1, 1, 1, 3}, random), filled({1, 1, 1, 3}, 0.7F)));
    }
    if (seed % 3 == 0) network.add("pool", std::make_unique<MaxPool2d>(Window{.h = 2, .w = 2, .stride = {1, 1}}));
    if (seed % 3 == 1) network.add("mean", std::make_unique<AveragePool2d>(Window{.h = 2, .w = 2, .stride = {1, 1}}));
    if (seed % 5 == 0) network.add("pad", std::make_unique<Pad>(Pad::Mode::edge, Padding{1, 0, 1, 0}));
    if (seed % 7 == 3) network.add("large", std::make_unique<Resize>(Resize::Mode::linear, 2.0F, 2.0F));
    network.add("flat", std::make_unique<Flatten>());
    const std::size_t units = sample_size(network.shape(network.output()));
    const std::size_t classes = seed % 4 == 1 ? 1 : 3;
    network.add("dense", std::make_unique<Dense>(test::random_tensor({1, 1, units, classes}, random),
                                                 test::random_tensor({1, 1, 1, classes}, random)));
    if (seed % 4 == 2) network.add("end", std::make_unique<Softmax>());
    return network;
}

}  // namespace

TEST_CASE("certificate: brute force finds nothing within the radius of tiny networks") {
    std::size_t certified = 0;
    for (std::uint32_t seed = 0; seed < test::rounds(68); ++seed) {
        Explainer explainer(tiny(seed));
        const Network& network = explainer.network();
        Random random(seed + 100);
        const Tensor x = test::uniform_tensor({1, 3, 3, 1}, random, 0.0F, 1.0F);
        CAPTURE(seed);
        const Result result = certify(explainer, x, {{"bisections", "30"}});
        const double radius = result.scalar("radius")[0];
        certified += radius > 1e-4 ? 1 : 0;
        Tensor low = x, high = x;
        for (std::size_t i = 0; i < 9; ++i) {
            low.data()[i] = std::max(0.0F, std::nextafter(static_cast<float>(x.data()[i] - radius), 1.0F));
            high.data()[i] = std::min(1.0F, std::nextafter(static_cast<float>(x.data()[i] + radius), 0.0F));
        }
        const Tensor points = points_of(low, high, 2048, random);
        const Tensor z = predict_logits(network, points), own = predict_logits(network, x);
        const auto answer = [&](const Tensor& logits, std::size_t n) {
            if (network.classes() == 1) return static_cast<std::size_t>(logits.data()[n] >= 0);
            return argmax(batch_slice(logits, n, 1))[0];
        };
        std::size_t broken = 0;
        for (std::size_t n = 0; n < points.shape()[0]; ++n) broken += answer(z, n) == answer(own, 0) ? 0 : 1;
        CHECK(broken == 0);
    }
    CHECK(68 * certified > 20 * test::rounds(68));
}

TEST_CASE("certificate: no logit leaves its bounds, whatever the layers") {
    for (std::uint32_t seed = 0; seed < test::rounds(51); ++seed) {
        const Network network = tiny(seed);
        Random random(seed);
        const Tensor x = test::uniform_tensor({1, 3, 3, 1}, random, -1.0F, 1.0F);
        for (const float epsilon : {0.0F, 0.01F, 0.3F}) {
            Tensor low = x, high = x;
            for (float& v : elements(low)) v -= epsilon;
            for (float& v : elements(high)) v += epsilon;
            methods::IntervalPass pass(network);
            const methods::Interval bounds = pass({low, high});
            const Tensor points = points_of(low, high, 600, random);
            Trace trace;
            network.forward(points, trace, network.logits());
            const Tensor& z = trace.values[network.logits()];
            std::size_t outside = 0;
            for (std::size_t n = 0; n < 600; ++n) {
                for (std::size_t c = 0; c < network.classes(); ++c)
                    outside +=
                        sample(z, n)[c] < bounds.low.data()[c] || sample(z, n)[c] > bounds.high.data()[c] ? 1 : 0;
                for (std::size_t c = 1; c < network.classes(); ++c)
                    outside += static_cast<double>(sample(z, n)[0] - sample(z, n)[c]) < pass.least_lead(0, 0, c) - 1e-6
                                   ? 1
                                   : 0;
            }
            CAPTURE(seed);
            CAPTURE(epsilon);
            CHECK(outside == 0);
        }
    }
}

TEST_CASE("certificate: networks of all forms are bounded") {
    for (std::uint32_t seed = 0; seed < test::rounds(30); ++seed) {
        const Network network = test::random_network(seed);
        const Tensor x = test::random_batch(network, 1, seed);
        Tensor low = x, high = x;
        for (float& v : elements(low)) v -= 0.02F;
        for (float& v : elements(high)) v += 0.02F;
        methods::IntervalPass pass(network);
        const methods::Interval bounds = pass({low, high});
        Random random(seed);
        const Tensor points = points_of(low, high, 50, random);
        const Tensor z = predict_logits(network, points);
        std::size_t outside = 0;
        for (std::size_t i = 0; i < z.size(); ++i) {
            const std::size_t c = i % network.classes();
            outside += z.data()[i] < bounds.low.data()[c] || z.data()[i] > bounds.high.data()[c] ? 1 : 0;
        }
        CAPTURE(seed);
        CHECK(outside == 0);
    }
}

TEST_CASE("certificate: of a linear classifier the radius is the way to the boundary") {
    Random random(1);
    const Tensor weight = test::random_tensor({1, 1, 25, 3}, random),
                 bias = test::random_tensor({1, 1, 1, 3}, random, 0.1F);
    Explainer explainer(test::linear_network(5, 5, weight, bias));
    const Tensor x = filled({1, 5, 5, 1}, 0.5F);
    const Tensor z = predict_logits(explainer.network(), x);
    const std::size_t label = argmax(z)[0];
    double least = 1e9;
    for (std::size_t k = 0; k < 3; ++k) {
        double norm = 0;
        for (std::size_t i = 0; i < 25; ++i)
            norm += std::abs(static_cast<double>(weight(0, 0, i, label)) - static_cast<double>(weight(0, 0, i, k)));
        if (k != label)
            least = std::min(least, (static_cast<double>(z.data()[label]) - static_cast<double>(z.data()[k])) / norm);
    }
    const Result result = certify(explainer, x, {{"bisections", "30"}, {"epsilon", "0.001"}});
    CHECK(result.scalar("radius")[0] == doctest::Approx(least).epsilon(1e-3));
    CHECK(result.scalar("radius")[0] <= least);
    CHECK(result.scalar("certified")[0] == (least > 0.001 ? 1 : 0));
    // The curve falls with ε, and begins at the answer's own lead.
    const auto* margins = result.find<Series>("margins");
    REQUIRE(margins != nullptr);
    for (std::size_t k = 1; k < margins->at.size(); ++k)
        CHECK(margins->values(0, 0, 0, k) < margins->values(0, 0, 0, k - 1));
    CHECK(static_cast<double>(margins->values(0, 0, 0, margins->at.size() - 1)) ==
          doctest::Approx(result.scalar("margin")[0]));
    // A class that is not the answer is certified nowhere.
    const std::string other = "class:" + std::to_string((label + 1) % 3);
    CHECK(certify(explainer, x, {}, other.c_str()).scalar("radius")[0] == 0);
    CHECK(certify(explainer, x, {}, other.c_str()).scalar("certified")[0] == 0);
}

TEST_CASE("certificate: an attack never succeeds within the radius") {
    for (std::uint32_t seed = 0; seed < test::rounds(10); ++seed) {
        Explainer explainer(test::random_network(seed));
        const Tensor x = test::random_batch(explainer.network(), 2, seed);
        CAPTURE(seed);
        const Result bound = certify(explainer, x);
        const Method& attack = find_method("minimal_epsilon");
        Params params(attack.card);
        params.set("most", std::string_view("1"));
        try {
            const Result broken = explain(attack, {explainer, x, Target::parse("predicted"), params});
            for (std::size_t n = 0; n < 2; ++n) {
                if (!std::isnan(broken.scalar("epsilon")[n]))
                    CHECK(broken.scalar("epsilon")[n] > bound.scalar("radius")[n]);
            }
        } catch (const Error& error) {
            CHECK(error.code() == ErrorCode::unsupported);
        }
    }
}

TEST_CASE("certificate: what has no bounds is refused by name") {
    Network network(Shape{1, 2, 2, 1});
    network.add("flat", std::make_unique<Flatten>());
    network.add("attention", std::make_unique<Softmax>());
    network.add("dense", std::make_unique<Dense>(filled({1, 1, 4, 2}, 1.0F), zeros({1, 1, 1, 2})));
    Explainer explainer(std::move(network));
    CHECK_THROWS_WITH_AS(certify(explainer, filled({1, 2, 2, 1}, 0.5F)), doctest::Contains("attention"), Error);
    Network falling(Shape{1, 2, 2, 1});
    falling.add("flat", std::make_unique<Flatten>());
    falling.add("leak", std::make_unique<Activation>(Activation::Function::leaky_relu, -0.5F));
    falling.add("dense", std::make_unique<Dense>(filled({1, 1, 4, 2}, 1.0F), zeros({1, 1, 1, 2})));
    Explainer down(std::move(falling));
    CHECK_THROWS_WITH_AS(certify(down, filled({1, 2, 2, 1}, 0.5F)), doctest::Contains("slope"), Error);
}
