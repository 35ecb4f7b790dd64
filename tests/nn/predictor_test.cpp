/// Predictions against recorded passes: the same to rounding, whatever is left out, joined or computed faster.
#include "pellucid/nn/layers.hpp"
#include "pellucid/nn/predictor.hpp"
#include "support/oracle.hpp"
#include "support/random_network.hpp"
#include "support/random_tensor.hpp"

#include "pellucid/error.hpp"

#include <doctest/doctest.h>

#include <thread>

using namespace pellucid;
using namespace pellucid::test;

namespace {

/// Two convolutions that have a fast form, each with its ReLU and pooling, and a dense layer.
Network fast_network() {
    Random random(1);
    Network network({1, 17, 14, 8});
    const auto conv = [&](const char* name, std::size_t inputs, std::size_t outputs, Stride stride) {
        Tensor weight = random_tensor({3, 3, inputs, outputs}, random, 0.1F);
        Tensor bias = random_tensor({1, 1, 1, outputs}, random);
        network.add(name, std::make_unique<Conv2d>(std::move(weight), std::move(bias), stride, Padding{1, 1, 1, 1}));
    };
    conv("conv1", 8, 24, {});
    network.add("relu1", std::make_unique<Activation>(Activation::Function::relu));
    network.add("pool1", std::make_unique<MaxPool2d>());
    conv("conv2", 24, 9, {});
    network.add("relu2", std::make_unique<Activation>(Activation::Function::relu));
    conv("conv3", 9, 12, {2, 2});
    network.add("flatten", std::make_unique<Flatten>());
    const std::size_t inputs = sample_size(network.shape(network.output()));
    network.add("dense", std::make_unique<Dense>(random_tensor({1, 1, inputs, 7}, random, 0.1F), zeros({1, 1, 1, 7})));
    return network;
}

const Conv2d& conv_of(const Network& network, std::string_view name) {
    return dynamic_cast<const Conv2d&>(*network.nodes()[network.find(name) - 1].layer);
}

}  // namespace

TEST_CASE("predictor: every value of random networks is the trace's") {
    for (std::uint32_t seed = 0; seed < 40; ++seed) {
        CAPTURE(seed);
        const Network network = random_network(seed, {.softmax = seed % 2 == 0});
        const Tensor input = random_batch(network, 3, seed);
        Trace trace;
        network.forward(input, trace);
        for (ValueId value = 0; value <= network.output(); ++value) {
            CAPTURE(network.name(value));
            CHECK(relative_error(Predictor(network, value)(input), trace.values[value]) <= 1e-5);
        }
    }
}

TEST_CASE("predictor: batches of any size, one after another") {
    const Network network = fast_network();
    Predictor predictor(network);
    const Tensor many = random_batch(network, 203, 1);
    Trace trace;
    network.forward(many, trace);
    for (const std::size_t count : {1, 203, 1, 64, 65, 203}) {
        CAPTURE(count);
        const Tensor& logits = predictor(batch_slice(many, 0, count));
        CHECK(logits.shape() == Shape{count, 1, 1, 7});
        CHECK(relative_error(logits, batch_slice(trace.values.back(), 0, count)) <= 1e-5);
    }
    CHECK_THROWS_AS(predictor(zeros({0, 17, 14, 8})), Error);
    CHECK_THROWS_AS(predictor(zeros({1, 17, 14, 7})), Error);
    CHECK_THROWS_AS(Predictor(network, network.output() + 1), Error);
}

TEST_CASE("predictor: 3×3 convolutions of stride 1 take the fast form, made once, and traces never do") {
    const Network network = fast_network();
    CHECK(!conv_of(network, "conv1").fast_forward().winograd.empty());
    CHECK(!conv_of(network, "conv2").fast_forward().winograd.empty());
    CHECK(conv_of(network, "conv3").fast_forward().winograd.empty());
    CHECK(conv_of(network, "conv1").prepared().forward.winograd.empty());
    const Network copy(network);
    CHECK(&conv_of(copy, "conv1").fast_forward() == &conv_of(network, "conv1").fast_forward());
}

TEST_CASE("a trace of a flat image is flat, to the bit") {
    const Network network = fast_network();
    Trace trace;
    network.forward(filled(network.input_shape(), 0.7F), trace);
    const Tensor& z = trace.values[1];
    bool same = true;
    for (std::size_t y = 1; y < 16; ++y) {
        for (std::size_t x = 1; x < 13; ++x) {
            for (std::size_t c = 0; c < 24; ++c) same = same && z(0, y, x, c) == z(0, 1, 1, c);
        }
    }
    CHECK(same);
}

TEST_CASE("predictor: changed weights are followed once they are refreshed") {
    Network network = fast_network();
    const Tensor input = random_batch(network, 2, 1);
    const Tensor before = predict_logits(network, input);
    for (float& w : elements(*network.layer(0).parameters()[0].value)) w *= 2.0F;
    network.layer(0).refresh();
    Trace trace;
    network.forward(input, trace);
    CHECK(relative_error(predict_logits(network, input), trace.values.back()) <= 1e-5);
    CHECK(relative_error(predict_logits(network, input), before) > 1e-2);
}

TEST_CASE("predictor: threads may be the first to ask at once") {
    const Network network = fast_network();
    const Tensor input = random_batch(network, 2, 1);
    std::vector<Tensor> answers(4);
#if defined(__EMSCRIPTEN__)
    for (Tensor& answer : answers) answer = predict_logits(network, input);
#else
    std::vector<std::thread> threads;
    for (Tensor& answer : answers) threads.emplace_back([&] { answer = predict_logits(network, input); });
    for (std::thread& thread : threads) thread.join();
#endif
    for (const Tensor& answer : answers) CHECK(relative_error(answer, answers[0]) == 0.0);
}
