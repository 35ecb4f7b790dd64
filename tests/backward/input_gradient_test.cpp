/// Gradients at the input in stages against the engine's, which writes every value and signal: the same numbers.
#include "pellucid/backward/input_gradient.hpp"

#include "pellucid/backward/engine.hpp"
#include "pellucid/methods/evaluator.hpp"
#include "pellucid/nn/layers.hpp"
#include "support/oracle.hpp"
#include "support/random_network.hpp"
#include "support/random_tensor.hpp"

#include <doctest/doctest.h>

using namespace pellucid;
using namespace pellucid::test;

namespace {

/// Stages of every kind: pools of even and of odd sizes, before and after the ReLU, one that is read twice.
Network staged_network() {
    Random random(2);
    Network network({1, 18, 15, 1});
    const auto relu = [&](const char* name) {
        network.add(name, std::make_unique<Activation>(Activation::Function::relu));
    };
    const auto conv = [&](const char* name, std::size_t inputs, std::size_t outputs, std::size_t kernel,
                          std::size_t padding) {
        Tensor weight = random_tensor({kernel, kernel, inputs, outputs}, random, 0.3F);
        network.add(name, std::make_unique<Conv2d>(std::move(weight), random_tensor({1, 1, 1, outputs}, random, 0.1F),
                                                   Stride{}, Padding{padding, padding, padding, padding}));
    };
    conv("conv1", 1, 16, 5, 2);
    relu("relu1");
    network.add("pool1", std::make_unique<MaxPool2d>());
    conv("conv2", 16, 32, 3, 1);
    network.add("pool2", std::make_unique<MaxPool2d>());
    relu("relu2");
    conv("conv3", 32, 32, 3, 1);
    relu("relu3");
    network.add("add", std::make_unique<Add>(), {network.find("relu2"), network.find("relu3")});
    network.add("flatten", std::make_unique<Flatten>());
    const std::size_t inputs = sample_size(network.shape(network.output()));
    network.add("dense1",
                std::make_unique<Dense>(random_tensor({1, 1, inputs, 20}, random, 0.1F), zeros({1, 1, 1, 20})));
    relu("relu4");
    network.add("dense2", std::make_unique<Dense>(random_tensor({1, 1, 20, 5}, random), zeros({1, 1, 1, 5})));
    return network;
}

void check_every_value(const Network& network, std::uint32_t seed) {
    const Composite gradient = composites::gradient();
    const auto rules = gradient.assign(network);
    InputGradient staged(network);
    for (const std::size_t batch : {1, 3, 1}) {
        const Tensor input = random_batch(network, batch, seed);
        Trace trace;
        network.forward(input, trace);
        for (ValueId value = 0; value <= network.output(); ++value) {
            CAPTURE(network.name(value));
            Random random(seed + static_cast<std::uint32_t>(value));
            const Tensor top = random_tensor(trace.values[value].shape(), random);
            Workspace workspace;
            Signals signals;
            run_backward({network, trace, rules, workspace}, value, top, 0, signals);
            CHECK(relative_error(staged.forward(input, value).values[value], trace.values[value]) <= 1e-6);
            CHECK(relative_error(staged.backward(top), signals.values[0]) <= 1e-6);
        }
    }
}

}  // namespace

TEST_CASE("input gradient: stages give what the engine gives, from every value, for batches in turn") {
    check_every_value(staged_network(), 1);
    for (std::uint32_t seed = 0; seed < 30; ++seed) {
        CAPTURE(seed);
        check_every_value(random_network(seed, {.softmax = seed % 2 == 0}), seed);
    }
}

TEST_CASE("input gradient: a flat image sends the gradient of every window to its first place, as the engine does") {
    const Network network = staged_network();
    const Composite gradient = composites::gradient();
    const auto rules = gradient.assign(network);
    const Tensor input = zeros(network.input_shape());
    Trace trace;
    network.forward(input, trace);
    Workspace workspace;
    Signals signals;
    const Tensor top = filled(trace.values.back().shape(), 1.0F);
    run_backward({network, trace, rules, workspace}, network.output(), top, 0, signals);
    InputGradient staged(network);
    staged.forward(input, network.output());
    CHECK(relative_error(staged.backward(top), signals.values[0]) <= 1e-6);
}

TEST_CASE("engine: the signal of one value alone is the same, and so is the ledger") {
    for (std::uint32_t seed = 0; seed < 20; ++seed) {
        CAPTURE(seed);
        const Network network = merge_batch_norm(random_network(seed));
        const Tensor input = random_batch(network, 2, seed);
        Evaluator evaluator(network);
        const Trace& trace = evaluator.trace(input);
        const ValueId top = network.logits();
        const Tensor relevance = trace.values[top];
        for (const char* id : {"epsilon_plus", "epsilon_gamma_box"}) {
            const Composite composite = composites::relevance(id);
            Ledger whole, alone;
            const Tensor map = evaluator.backward(trace, composite, top, relevance, 0, &whole).values[0];
            CHECK(relative_error(evaluator.carry(trace, composite, top, relevance, 0, &alone), map) == 0.0);
            REQUIRE(whole.size() == alone.size());
            for (std::size_t i = 0; i < whole.size(); ++i) {
                CHECK(whole[i].layer == alone[i].layer);
                CHECK(whole[i].entering == alone[i].entering);
                CHECK(whole[i].leaving == alone[i].leaving);
                CHECK(whole[i].bias == alone[i].bias);
            }
        }
    }
}
