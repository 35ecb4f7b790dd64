#include "../support/oracle.hpp"
#include "../support/random_network.hpp"
#include "../support/random_tensor.hpp"

#include "pellucid/error.hpp"

using namespace pellucid;
using namespace pellucid::test;

namespace {

std::unique_ptr<Layer> dense(std::size_t inputs, std::size_t outputs, Random& random) {
    Tensor weight = random_tensor({1, 1, inputs, outputs}, random);
    return std::make_unique<Dense>(std::move(weight), random_tensor({1, 1, 1, outputs}, random));
}

std::unique_ptr<Layer> relu() { return std::make_unique<Activation>(Activation::Function::relu); }

/// Two dense layers with a sum around the second, and a softmax.
Network residual_network() {
    Random random(1);
    Network network({1, 1, 1, 4});
    const ValueId first = network.add("first", dense(4, 6, random));
    const ValueId second = network.add("second", dense(6, 6, random), {first});
    network.add("sum", std::make_unique<Add>(), {first, second});
    network.add("softmax", std::make_unique<Softmax>());
    return network;
}

}  // namespace

TEST_CASE("network: every value of random networks is the reference's") {
    for (std::uint32_t seed = 0; seed < 40; ++seed) {
        CAPTURE(seed);
        const Network network = random_network(seed);
        const Tensor input = random_batch(network, 3, seed);
        Trace trace;
        network.forward(input, trace);
        const std::vector<Array> expected = reference_forward(network, Array(input));
        REQUIRE(trace.values.size() == expected.size());
        for (ValueId value = 0; value < expected.size(); ++value) {
            CAPTURE(network.name(value));
            CHECK(relative_error(trace.values[value], expected[value]) <= 2e-5);
            CHECK(with_batch(network.shape(value), 3) == expected[value].shape);
        }
    }
}

TEST_CASE("network: values are found by name") {
    const Network network = residual_network();
    CHECK(network.find("input") == 0);
    CHECK(network.find("sum") == 3);
    CHECK(network.name(3) == "sum");
    CHECK(network.name(0) == "input");
    CHECK_THROWS_WITH_AS(network.find("third"),
                         "there is no layer \"third\"; there are: input, first, second, sum, softmax", Error);
    CHECK_THROWS_AS(network.name(5), Error);
    CHECK(network.output() == 4);
    CHECK(network.logits() == 3);
    CHECK(network.classes() == 6);
    CHECK(network.parameter_count() == 4 * 6 + 6 + 6 * 6 + 6);
}

TEST_CASE("network: nodes that do not fit are refused by name") {
    Random random(2);
    Network network({1, 7, 7, 48});
    CHECK_THROWS_WITH_AS(network.add("logits", dense(2352, 10, random)),
                         "node \"logits\": Dense of 2352 inputs cannot read (1, 7, 7, 48): put a Flatten before it",
                         Error);
    CHECK(network.nodes().empty());
    CHECK(network.output() == 0);
    CHECK(network.add("flat", std::make_unique<Flatten>()) == 1);
    CHECK_THROWS_AS(network.add("flat", relu()), Error);
    CHECK_THROWS_AS(network.add("input", relu()), Error);
    CHECK_THROWS_AS(network.add("", relu()), Error);
    CHECK_THROWS_AS(network.add("empty", nullptr), Error);
    CHECK_THROWS_AS(network.add("sum", std::make_unique<Add>()), Error);
    CHECK_THROWS_AS(network.add("relu", relu(), {0, 1}), Error);
    CHECK_THROWS_AS(network.add("relu", relu(), {2}), Error);
    CHECK_THROWS_AS(Network({2, 7, 7, 1}), Error);
    CHECK_THROWS_AS(Network({1, 0, 7, 1}), Error);
}

TEST_CASE("network: inputs that do not fit are refused") {
    const Network network = residual_network();
    Trace trace;
    const auto code = [&](const Shape& shape) {
        try {
            network.forward(zeros(shape), trace);
        } catch (const Error& error) {
            return error.code();
        }
        return ErrorCode::internal;
    };
    CHECK(code({0, 1, 1, 4}) == ErrorCode::bad_shape);
    CHECK(code({1, 1, 1, 5}) == ErrorCode::bad_shape);
    CHECK_THROWS_WITH_AS(network.forward(zeros({2, 1, 4, 1}), trace),
                         "a network that reads (N, 1, 1, 4) cannot read (2, 1, 4, 1)", Error);
    CHECK_THROWS_AS(network.forward(zeros({1, 1, 1, 4}), trace, 5), Error);
    CHECK_THROWS_WITH_AS(predict_logits(network, zeros({0, 1, 1, 4})),
                         "a network that reads (N, 1, 1, 4) cannot read (0, 1, 1, 4): the batch is empty", Error);
    CHECK_THROWS_AS(predict_logits(network, zeros({200, 1, 1, 5})), Error);
}

TEST_CASE("network: a trace keeps its memory, and a pass may stop early") {
    const Network network = residual_network();
    Random random(3);
    Trace trace;
    network.forward(random_tensor({5, 1, 1, 4}, random), trace);
    std::vector<const float*> places;
    for (const Tensor& value : trace.values) places.push_back(value.data());
    const Tensor input = random_tensor({5, 1, 1, 4}, random);
    network.forward(input, trace);
    for (ValueId value = 0; value < places.size(); ++value) CHECK(trace.values[value].data() == places[value]);
    CHECK(trace.values[0].data() != input.data());
    CHECK(relative_error(trace.values[0], input) == 0.0);

    Trace part;
    network.forward(input, part, 2);
    CHECK(relative_error(part.values[2], trace.values[2]) == 0.0);
    CHECK(part.values[3].size() == 0);

    LayerInputs storage;
    const Step step = network.step(trace, 2, storage);
    CHECK(step.inputs.size() == 2);
    CHECK(step.inputs[0] == &trace.values[1]);
    CHECK(step.inputs[1] == &trace.values[2]);
    CHECK(&step.output == &trace.values[3]);
    CHECK(&step.record == &trace.records[2]);
}

TEST_CASE("network: a copy is independent") {
    Network network = residual_network();
    network.metadata["title"] = "residual";
    const Network copy(network);
    Random random(4);
    const Tensor input = random_tensor({2, 1, 1, 4}, random);
    const Tensor before = predict_logits(copy, input);
    network.layer(0).parameters()[0].value->fill(0.0F);
    network.layer(0).refresh();
    CHECK(relative_error(predict_logits(copy, input), before) == 0.0);
    CHECK(relative_error(predict_logits(network, input), before) > 0.0);
    CHECK(copy.metadata.at("title") == "residual");
    CHECK(copy.find("sum") == network.find("sum"));
}

TEST_CASE("network: dropout draws per node and seed, and only in training") {
    Network network({1, 1, 1, 1000});
    network.add("one", std::make_unique<Dropout>(0.5F));
    network.add("two", std::make_unique<Dropout>(0.5F), {0});
    const Tensor input = filled({1, 1, 1, 1000}, 1.0F);
    Trace trace;
    network.forward(input, trace);
    CHECK(relative_error(trace.values[1], input) == 0.0);
    trace.training = true;
    network.forward(input, trace);
    const Tensor first = trace.values[1];
    CHECK(relative_error(first, input) > 0.0);
    CHECK(relative_error(first, trace.values[2]) > 0.0);
    network.forward(input, trace);
    CHECK(relative_error(trace.values[1], first) == 0.0);
    trace.seed = 1;
    network.forward(input, trace);
    CHECK(relative_error(trace.values[1], first) > 0.0);
}

TEST_CASE("network: logits of large batches are those of a single pass") {
    for (const std::uint32_t seed : {1U, 2U, 3U}) {
        const Network network = random_network(seed, {.softmax = true});
        const Tensor input = random_batch(network, 203, seed);
        Trace trace;
        network.forward(input, trace);
        const Tensor logits = predict_logits(network, input);
        CHECK(logits.shape() == Shape{203, 1, 1, network.classes()});
        CHECK(relative_error(logits, trace.values[network.logits()]) <= 1e-5);
        CHECK(relative_error(softmax(logits), trace.values[network.output()]) <= 1e-5);
    }
}

TEST_CASE("network: what predictions evaluate at once gives the same logits") {
    const auto conv = [](std::size_t inputs, std::size_t outputs, Random& random) {
        Tensor weight = random_tensor({3, 3, inputs, outputs}, random);
        Tensor bias = random_tensor({1, 1, 1, outputs}, random);
        return std::make_unique<Conv2d>(std::move(weight), std::move(bias), Stride{}, Padding{1, 1, 1, 1});
    };
    const auto pool = [](bool ceil) { return std::make_unique<MaxPool2d>(Window{.ceil = ceil}); };
    Random random(6);
    Network network({1, 13, 10, 2});
    const auto check = [&](std::string_view what) {
        CAPTURE(what);
        const Tensor input = random_batch(network, 11, 3);
        Trace trace;
        network.forward(input, trace);
        const Array expected = reference_forward(network, Array(input))[network.logits()];
        CHECK(relative_error(predict_logits(network, input), trace.values[network.logits()]) <= 1e-5);
        CHECK(relative_error(predict_logits(network, input), expected) <= 2e-5);
    };
    check("no nodes");
    network.add("conv1", conv(2, 5, random));
    check("a convolution");
    network.add("relu1", relu());
    check("and a ReLU");
    network.add("pool1", pool(false));
    check("and a pooling that drops a row");
    network.add("conv2", conv(5, 18, random));
    network.add("pool2", pool(false));
    network.add("relu2", relu());
    check("pooling before the ReLU");
    const ValueId start = network.add("conv3", conv(18, 4, random));
    const ValueId left = network.add("relu3", relu());
    network.add("sum", std::make_unique<Add>(), {start, left});
    check("a convolution that two nodes read");
    network.add("conv4", conv(4, 3, random));
    network.add("relu4", relu());
    network.add("pool4", pool(true));
    check("a pooling that counts a partial window");
    network.add("flatten", std::make_unique<Flatten>());
    network.add("dense", dense(sample_size(network.shape(network.output())), 6, random));
    network.add("relu5", relu());
    check("a dense layer and a ReLU");
    network.add("softmax", std::make_unique<Softmax>());
    check("logits before a softmax");
}

TEST_CASE("argmax takes the first of equals") {
    Tensor logits = zeros({3, 1, 1, 4});
    logits(0, 0, 0, 2) = 1.0F;
    logits(1, 0, 0, 1) = 2.0F;
    logits(1, 0, 0, 3) = 2.0F;
    CHECK(argmax(logits) == std::vector<std::size_t>{2, 1, 0});
    CHECK_THROWS_AS(argmax(zeros({1, 1, 1, 0})), Error);
}
