/// uncertainty of networks with evidential output: closed forms on a linear network, in double.
#include "pellucid/methods/judging/evidential.hpp"

#include "pellucid/error.hpp"
#include "pellucid/methods/method.hpp"
#include "pellucid/nn/layers.hpp"
#include "support/random_tensor.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <numeric>

using namespace pellucid;

namespace {

constexpr std::size_t rows = 4, count = rows * rows, classes = 3;

/// z = W·x + b, with a Dropout that may be in front.
Network linear(const char* function, float rate = 0.0F) {
    Random random(6);
    Network network(Shape{1, rows, rows, 1});
    network.add("flatten", std::make_unique<Flatten>());
    if (rate > 0.0F) network.add("dropout", std::make_unique<Dropout>(rate));
    network.add("known", std::make_unique<Dense>(test::random_tensor({1, 1, count, classes}, random),
                                                 test::random_tensor({1, 1, 1, classes}, random)));
    if (function != nullptr) network.metadata[evidence_key] = function;
    return network;
}

Tensor drawings() {
    Random random(9);
    return test::uniform_tensor({2, rows, rows, 1}, random, 0.0F, 1.0F);
}

std::vector<double> alphas(const Network& network, const std::vector<double>& x, bool relu) {
    const auto& dense = dynamic_cast<const Dense&>(*network.nodes().back().layer);
    std::vector<double> alpha;
    for (std::size_t k = 0; k < classes; ++k) {
        double z = static_cast<double>(dense.bias().data()[k]);
        for (std::size_t i = 0; i < count; ++i) z += static_cast<double>(dense.weight()(0, 0, i, k)) * x[i];
        alpha.push_back(1 + (relu ? std::max(z, 0.0) : std::log1p(std::exp(z))));
    }
    return alpha;
}

double vacuity(const Network& network, const std::vector<double>& x, bool relu) {
    const std::vector<double> alpha = alphas(network, x, relu);
    return static_cast<double>(classes) / std::accumulate(alpha.begin(), alpha.end(), 0.0);
}

using Settings = std::initializer_list<std::pair<std::string_view, std::string_view>>;

Result uncertainty(const Network& network, const Tensor& x, const char* target, Settings settings) {
    const Method& method = find_method("uncertainty");
    Params params(method.card);
    for (const auto& [name, value] : settings) params.set(name, value);
    Explainer explainer(network);
    return explain(method, {explainer, x, Target::parse(target), params});
}

}  // namespace

TEST_CASE("evidential: vacuity and the target's distribution, the gradient of the doubt, DeepLIFT's sum") {
    const Tensor x = drawings();
    for (const char* function : {"relu", "softplus"}) {
        CAPTURE(std::string(function));
        const bool relu = std::string_view(function) == "relu";
        const Network network = linear(function);
        const Result gradient = uncertainty(network, x, "class:1", {{"method", "gradient"}});
        const Result parts = uncertainty(network, x, "class:1", {{"method", "deeplift"}});
        const double of_paper = vacuity(network, std::vector<double>(count, 0.0), relu);
        for (std::size_t n = 0; n < 2; ++n) {
            const std::vector<double> at(sample(x, n).begin(), sample(x, n).end());
            const std::vector<double> alpha = alphas(network, at, relu);
            const double strength = std::accumulate(alpha.begin(), alpha.end(), 0.0), u = vacuity(network, at, relu);
            const double p = alpha[1] / strength;
            CHECK(gradient.scalar("vacuity")[n] == doctest::Approx(u).epsilon(1e-5));
            CHECK(gradient.scalar("value_mean")[n] == doctest::Approx(p).epsilon(1e-5));
            CHECK(gradient.scalar("value_deviation")[n] ==
                  doctest::Approx(std::sqrt(p * (1 - p) / (strength + 1))).epsilon(1e-5));
            for (std::size_t k = 0; k < classes; ++k) {
                CHECK(sample(gradient.find<Scores>("expected")->values, n)[k] ==
                      doctest::Approx(alpha[k] / strength).epsilon(1e-5));
            }
            double sum = 0;
            for (std::size_t i = 0; i < count; ++i) {
                constexpr double h = 1e-5;
                std::vector<double> up = at, down = at;
                up[i] += h;
                down[i] -= h;
                const double slope = (vacuity(network, down, relu) - vacuity(network, up, relu)) / (2 * h);
                CHECK(sample(gradient.map("map"), n)[i] == doctest::Approx(slope).epsilon(1e-4).scale(1e-2));
                sum += static_cast<double>(sample(parts.map("map"), n)[i]);
            }
            CHECK(sum == doctest::Approx(of_paper - u).epsilon(1e-4));
            // Each input of the batch as it would be alone.
            const Result alone = uncertainty(network, batch_slice(x, n, 1), "class:1", {{"method", "deeplift"}});
            for (std::size_t i = 0; i < count; ++i)
                CHECK(alone.map("map").data()[i] ==
                      doctest::Approx(sample(parts.map("map"), n)[i]).epsilon(1e-5).scale(0.1));
        }
        CHECK(gradient.find<Map>("deviation") == nullptr);
        // A target that names no class has no probability.
        CHECK(std::isnan(uncertainty(network, x, "contrast:0-1", {{"method", "gradient"}}).scalar("value_mean")[0]));
        // Relevance starts from what is known, and by a rule without biases all of it arrives.
        const Result lrp = uncertainty(network, x, "predicted", {{"method", "lrp"}, {"method_params", "rule=flat"}});
        const auto relevance = sample(lrp.map("map"), 0);
        const double known = 1 - lrp.scalar("vacuity")[0];
        CHECK(std::accumulate(relevance.begin(), relevance.end(), 0.0) == doctest::Approx(known).epsilon(1e-4));
    }
}

TEST_CASE("evidential: the kind goes by the network, and what a network cannot tell is refused in a sentence") {
    const Tensor x = drawings();
    const auto refused = [&](const Network& network, Settings settings, const char* words) {
        CHECK_THROWS_WITH_AS(uncertainty(network, x, "class:1", settings), doctest::Contains(words), Error);
    };
    refused(linear(nullptr), {{"kind", "evidential"}}, "has no evidential output");
    refused(linear(nullptr), {}, "this one has none");
    refused(linear("relu"), {{"kind", "dropout"}}, "network with Dropout");
    refused(linear("relu"), {{"method", "pattern_net"}}, "patterns belong to the network as it is");
    refused(linear("cubic"), {}, "may be relu or softplus");
    // With both, evidence goes first and dropout can be asked for: the same network's contributions with a deviation.
    const Network both = linear("softplus", 0.5F);
    CHECK(uncertainty(both, x, "class:1", {{"method", "gradient"}}).find<Scalar>("vacuity") != nullptr);
    const Result masked =
        uncertainty(both, x, "class:1", {{"method", "deeplift"}, {"kind", "dropout"}, {"samples", "50"}});
    CHECK(masked.find<Scalar>("vacuity") == nullptr);
    const auto stray = sample(masked.map("deviation"), 0);
    CHECK(std::accumulate(stray.begin(), stray.end(), 0.0F) > 0.0F);
    // A dropped pixel contributes nothing and a kept one twice as much: the deviation is near the mean's size.
    double mean = 0, deviation = 0;
    for (std::size_t i = 0; i < count; ++i) {
        mean += std::abs(static_cast<double>(sample(masked.map("map"), 0)[i]));
        deviation += static_cast<double>(stray[i]);
    }
    CHECK(deviation == doctest::Approx(mean).epsilon(0.3));
}

TEST_CASE("evidential: what stands behind the logits computes what is known, whatever its layers are called") {
    const Network network = linear("softplus");  // has a layer "known" itself
    const Network known = methods::knowledge_network(network, Evidence::softplus);
    CHECK(evidence_of(known) == Evidence::none);
    const Tensor x = drawings();
    const Tensor answers = predict_logits(known, x);
    for (std::size_t n = 0; n < 2; ++n) {
        const std::vector<double> at(sample(x, n).begin(), sample(x, n).end());
        CHECK(answers.data()[n] == doctest::Approx(1 - vacuity(network, at, false)).epsilon(1e-5));
    }
}
