/// The traversal: gradients against finite differences, sums, residual paths, composites.
#include "pellucid/backward/engine.hpp"
#include "pellucid/error.hpp"
#include "pellucid/methods/evaluator.hpp"
#include "pellucid/nn/layers.hpp"
#include "support/random_network.hpp"
#include "support/random_tensor.hpp"
#include "support/results.hpp"

#include <doctest/doctest.h>

#include <cmath>

using namespace pellucid;
using test::sum;

TEST_CASE("engine: the gradient of random networks equals finite differences") {
    std::size_t compared = 0, apart = 0;
    for (std::uint32_t seed = 0; seed < 12; ++seed) {
        Explainer explainer(test::random_network(seed));
        Evaluator& evaluator = explainer.plain();
        Random random(seed + 100);
        const Tensor x = test::random_tensor(explainer.network().input_shape(), random);
        const Target target = Target::of_class(seed % explainer.network().classes());
        const Tensor gradient = evaluator.gradients(x, target).values[0];
        double largest = 0;
        for (const float g : elements(gradient)) largest = std::max(largest, std::abs(static_cast<double>(g)));
        for (std::size_t i = 0; i < x.size(); i += 7) {
            const float h = 1e-2F;
            Tensor up = x, down = x;
            up.data()[i] += h;
            down.data()[i] -= h;
            const double slope =
                (evaluator.values(up, target)[0] - evaluator.values(down, target)[0]) / (2.0 * static_cast<double>(h));
            ++compared;
            // A kink of a ReLU or a max-pool between the two points makes them differ: rare, but honest.
            apart += std::abs(slope - static_cast<double>(gradient.data()[i])) > 0.02 * largest + 1e-4 ? 1 : 0;
        }
    }
    CHECK(compared > 100);
    CHECK(apart * 20 < compared);
}

TEST_CASE("engine: relevance is conserved layer by layer where nothing absorbs it") {
    for (std::uint32_t seed = 0; seed < 12; ++seed) {
        Explainer explainer(test::random_network(seed));
        Evaluator& evaluator = explainer.merged();
        const Network& network = evaluator.network();
        Random random(seed + 200);
        const Tensor x = test::random_tensor(network.input_shape(), random);
        const Trace& trace = evaluator.trace(x);
        const Target target = Target::of_class(0);
        const Tensor seed_tensor = target_seed(target, network, trace, SeedMode::relevance);
        Ledger ledger;
        const Signals& signals =
            evaluator.backward(trace, composites::relevance("epsilon"), network.logits(), seed_tensor, 0, &ledger);
        CHECK(ledger.size() >= 3);
        CHECK(ledger.front().entering == doctest::Approx(target_values(target, network, trace)[0]).epsilon(1e-5));
        double absorbed = 0;
        for (const LedgerRow& row : ledger) {
            CAPTURE(seed);
            CAPTURE(row.layer);
            const double scale = std::max({std::abs(row.entering), std::abs(row.leaving), std::abs(row.bias), 1e-3});
            CHECK(std::abs(row.stabiliser) <= 2e-2 * scale);
            absorbed += row.bias + row.stabiliser;
        }
        CHECK(sum(signals.values[0]) + absorbed == doctest::Approx(ledger.front().entering).epsilon(1e-4));
    }
}

TEST_CASE("engine: a value with two readers gets the sum of their signals") {
    Network network({1, 2, 2, 1});
    network.add("left", std::make_unique<Activation>(Activation::Function::tanh));
    network.add("sum", std::make_unique<Add>(), {0, 1});
    network.add("flatten", std::make_unique<Flatten>());
    Explainer explainer(std::move(network));
    Tensor x = zeros({1, 2, 2, 1});
    x.data()[2] = 0.5F;
    const Tensor& g = explainer.plain().gradients(x, Target::of_class(2)).values[0];
    CHECK(g.data()[2] == doctest::Approx(1.0 + 1.0 - std::tanh(0.5) * std::tanh(0.5)));
    CHECK(g.data()[0] == 0.0F);
}

TEST_CASE("engine: what the target does not depend on gets nothing") {
    Explainer explainer(test::random_network(3));
    const Network& network = explainer.network();
    const ValueId first = 1;
    Random random(1);
    const Tensor x = test::random_tensor(network.input_shape(), random);
    Evaluator& evaluator = explainer.plain();
    const Trace& trace = evaluator.trace(x);
    const Tensor seed = filled(trace.values[first].shape(), 1.0F);
    const Signals& signals = evaluator.backward(trace, composites::gradient(), first, seed, network.output());
    CHECK(sum(signals.values[network.output()]) == 0.0);
    const Tensor wrong = zeros({1, 1, 1, 1});
    CHECK_THROWS_AS(evaluator.backward(trace, composites::gradient(), first, wrong), Error);
}

TEST_CASE("composites: every layer gets the rule that is meant for it") {
    Network network({1, 6, 6, 1});
    Random random(5);
    network.add("conv1", std::make_unique<Conv2d>(test::random_tensor({3, 3, 1, 2}, random), zeros({1, 1, 1, 2})));
    network.add("relu1", std::make_unique<Activation>(Activation::Function::relu));
    network.add("conv2", std::make_unique<Conv2d>(test::random_tensor({3, 3, 2, 2}, random), zeros({1, 1, 1, 2})));
    network.add("pool", std::make_unique<AveragePool2d>());
    network.add("flatten", std::make_unique<Flatten>());
    network.add("dense", std::make_unique<Dense>(test::random_tensor({1, 1, 2, 3}, random), zeros({1, 1, 1, 3})));
    const auto ids = [&](const Composite& composite) {
        std::string text;
        for (const Rule* rule : composite.assign(network)) text += std::string(rule->id()) + " ";
        return text;
    };
    CHECK(ids(composites::relevance("epsilon_plus")) == "z_plus pass z_plus norm pass epsilon ");
    CHECK(ids(composites::relevance("epsilon_gamma_box")) == "z_box pass gamma norm pass epsilon ");
    CHECK(ids(composites::relevance("epsilon_plus_flat")) == "flat pass z_plus norm pass epsilon ");
    CHECK(ids(composites::single_rule("w_square")) == "w_square pass w_square norm pass w_square ");
    CHECK(ids(composites::guided_backprop()) == "gradient guided gradient gradient gradient gradient ");
    CHECK_THROWS_WITH_AS(composites::relevance("nonsense"), doctest::Contains("there are epsilon"), Error);
    const Composite partial("partial", {});
    CHECK_THROWS_WITH_AS(partial.assign(network), doctest::Contains("'conv1'"), Error);
}
