/// Gradients at the input in stages against the engine's, which writes every value and signal: the same numbers.
#include "pellucid/backward/input_gradient.hpp"

#include "pellucid/backward/engine.hpp"
#include "pellucid/methods/evaluator.hpp"
#include "pellucid/nn/layers.hpp"
#include "support/oracle.hpp"
#include "support/random_network.hpp"
#include "support/random_tensor.hpp"

#include <doctest/doctest.h>

#include <vector>

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

namespace {

/// Σ_k weights[k]·gradient at from + alphas[k]·(to − from), point by point through the engine.
Tensor sum_by_engine(const Network& network, const InputGradient::Line& line, std::span<const float> weights,
                     ValueId value, const Tensor& seed) {
    const Composite gradient = composites::gradient();
    const auto rules = gradient.assign(network);
    Tensor sum = zeros(line.from.shape());
    for (std::size_t k = 0; k < weights.size(); ++k) {
        Tensor point = line.from;
        for (std::size_t i = 0; i < point.size(); ++i) {
            point.data()[i] += line.alphas[k] * (line.to.data()[i] - line.from.data()[i]);
        }
        Trace trace;
        network.forward(point, trace);
        Workspace workspace;
        Signals signals;
        run_backward({network, trace, rules, workspace}, value, batch_slice(seed, k, 1), 0, signals);
        for (std::size_t i = 0; i < sum.size(); ++i) sum.data()[i] += weights[k] * signals.values[0].data()[i];
    }
    return sum;
}

void check_line(InputGradient& staged, const Network& network, const Tensor& from, const Tensor& to, ValueId value,
                std::uint32_t seed) {
    CAPTURE(network.name(value));
    const std::vector<float> alphas{0.0F, 0.15F, 0.4F, 0.75F, 1.0F}, weights{0.3F, -0.2F, 1.0F, 0.1F, 0.5F};
    for (const std::size_t count : {5, 2}) {
        const std::span<const float> some = std::span(alphas).last(count);
        const InputGradient::Line line{from, to, some};
        Random random(seed);
        const Tensor top = random_tensor(with_batch(network.shape(value), count), random);
        const Trace& trace = staged.forward(line, value);
        Tensor last = batch_slice(trace.values[value], count - 1, 1);  // alpha = 1
        Trace at_end;
        network.forward(to, at_end);
        CHECK(relative_error(last, at_end.values[value]) <= 2e-6);
        const std::span<const float> theirs = std::span(weights).first(count);
        CHECK(relative_error(staged.backward(top, theirs), sum_by_engine(network, line, theirs, value, top)) <= 2e-6);
    }
}

}  // namespace

TEST_CASE("input gradient along a line: the weighted sum of the engine's gradients at its points") {
    std::size_t through_entrance = 0;
    const auto check = [&](const Network& network, std::uint32_t seed) {
        CAPTURE(seed);
        InputGradient staged(network);
        const Tensor from = random_batch(network, 1, seed + 100), to = random_batch(network, 1, seed + 200);
        for (ValueId value = 0; value <= network.output(); ++value) {
            through_entrance += Stages(network, value).entrance() != nullptr;
            check_line(staged, network, from, to, value, seed);
            if (value % 3 == 0) check_line(staged, network, to, from, value, seed);
        }
        staged.forward(to, network.output());  // the other kind of pass in between
        check_line(staged, network, from, to, network.output(), seed);
    };
    check(staged_network(), 3);
    for (std::uint32_t seed = 0; seed < 30; ++seed) check(random_network(seed, {.softmax = seed % 2 == 0}), seed);
    CHECK(through_entrance > 100);
}

TEST_CASE("input gradient: the signal of a value between, of points and along a line, is the engine's") {
    const std::vector<float> alphas{0.0F, 0.3F, 1.0F};
    const auto check = [&](const Network& network, std::uint32_t seed) {
        const Composite gradient = composites::gradient();
        const auto rules = gradient.assign(network);
        const ValueId top = network.output();
        const Tensor from = random_batch(network, 1, seed + 100), to = random_batch(network, 1, seed + 200);
        Tensor points(with_batch(from.shape(), alphas.size()));
        for (std::size_t k = 0; k < alphas.size(); ++k) {
            for (std::size_t i = 0; i < from.size(); ++i)
                sample(points, k)[i] = from.data()[i] + alphas[k] * (to.data()[i] - from.data()[i]);
        }
        Trace trace;
        network.forward(points, trace);
        Random random(seed);
        const Tensor seeds = random_tensor(trace.values[top].shape(), random);
        const std::vector<char> below = values_below(network, top);
        for (ValueId value = 1; value <= top; ++value) {
            if (!below[value]) continue;
            CAPTURE(network.name(value));
            Workspace workspace;
            Signals signals;
            run_backward({network, trace, rules, workspace}, top, seeds, value, signals);
            InputGradient staged(network, value);
            CHECK(relative_error(staged.forward({from, to, alphas}, top).values[value], trace.values[value]) <= 2e-6);
            CHECK(relative_error(staged.signal(seeds), signals.values[value]) <= 2e-6);
            CHECK(relative_error(staged.forward(points, top).values[value], trace.values[value]) <= 2e-6);
            CHECK(relative_error(staged.signal(seeds), signals.values[value]) <= 2e-6);
        }
    };
    check(staged_network(), 3);
    for (std::uint32_t seed = 0; seed < 12; ++seed) check(random_network(seed, {.softmax = false}), seed);
}

TEST_CASE("input gradient along a line: networks that do not begin with one layer of weights") {
    Random random(4);
    const auto conv = [&](std::size_t inputs) {
        return std::make_unique<Conv2d>(random_tensor({3, 3, inputs, 4}, random, 0.4F),
                                        random_tensor({1, 1, 1, 4}, random, 0.1F), Stride{}, Padding{1, 1, 1, 1});
    };
    const auto relu = [] { return std::make_unique<Activation>(Activation::Function::relu); };
    Network twice({1, 6, 6, 4});  // the input goes round the convolution as well
    twice.add("conv", conv(4));
    twice.add("add", std::make_unique<Add>(), {0, twice.find("conv")});
    twice.add("relu", relu());
    twice.add("pool", std::make_unique<MaxPool2d>());
    Network two({1, 6, 6, 1});  // two convolutions read the input
    two.add("left", conv(1));
    two.add("relu", relu());
    two.add("right", conv(1), {0});
    two.add("add", std::make_unique<Add>(), {two.find("relu"), two.find("right")});
    Network flat({1, 4, 4, 1});  // a Flatten comes first
    flat.add("flatten", std::make_unique<Flatten>());
    flat.add("dense", std::make_unique<Dense>(random_tensor({1, 1, 16, 5}, random), zeros({1, 1, 1, 5})));
    flat.add("relu", relu());
    Network rectified({1, 4, 4, 1});
    rectified.add("relu", relu());
    rectified.add("conv", conv(1));
    for (const Network* network : {&twice, &two, &flat, &rectified}) {
        CHECK(Stages(*network, network->output()).entrance() == nullptr);
        InputGradient staged(*network);
        check_line(staged, *network, random_tensor(network->input_shape(), random),
                   random_tensor(network->input_shape(), random), network->output(), 5);
    }
    // Below the sum, only one of two branches is there; then the other.
    InputGradient staged(two);
    const Tensor from = random_tensor({1, 6, 6, 1}, random), to = random_tensor({1, 6, 6, 1}, random);
    for (const char* name : {"relu", "right", "add", "left"}) {
        check_line(staged, two, from, to, two.find(name), 6);
    }
}

TEST_CASE("input gradient along a line: ties of flat images are those of the engine") {
    const Network network = staged_network();
    InputGradient staged(network);
    check_line(staged, network, zeros(network.input_shape()), filled(network.input_shape(), 1.0F), network.output(), 7);
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
