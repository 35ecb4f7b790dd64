#include "pellucid/optimise/backpropagation.hpp"

#include "pellucid/error.hpp"
#include "pellucid/nn/layers.hpp"
#include "pellucid/optimise/initialise.hpp"
#include "pellucid/random.hpp"
#include "pellucid/train/architecture.hpp"

#include <doctest/doctest.h>

#include <array>
#include <cmath>
#include <memory>

using namespace pellucid;
using namespace pellucid::optimise;

namespace {

/// A graph whose values have several readers, and whose input is read twice.
Network branching_network() {
    const std::vector<train::LayerSpec> layers = {
        {.name = "conv1", .type = "conv", .units = 4, .size = 3, .padding = 1},
        {.name = "tanh1", .type = "tanh"},
        {.name = "conv2", .type = "conv", .units = 4, .size = 3, .padding = 1},
        {.name = "add1", .type = "add", .inputs = {"conv2", "tanh1"}},
        {.name = "twice", .type = "add", .inputs = {"add1", "add1"}},
        {.name = "side", .type = "conv", .inputs = {"input"}, .units = 4, .size = 1},
        {.name = "add2", .type = "add", .inputs = {"twice", "side"}},
        {.name = "pool", .type = "average_pool", .size = 2},
        {.name = "flatten", .type = "flatten"},
        {.name = "dense", .type = "dense", .units = 3},
    };
    Network network = train::build_network({1, 6, 6, 1}, layers);
    he_initialise(network, 11);
    return network;
}

}  // namespace

TEST_CASE("Backpropagation: every parameter's gradient against finite differences") {
    Network network = branching_network();
    const Backpropagation backpropagation(network);
    optimise::Workspace workspace;
    workspace.images = zeros({3, 6, 6, 1});
    Random random(2);
    for (float& value : elements(workspace.images)) value = random.normal();
    const std::vector<std::uint8_t> labels = {0, 2, 1};
    Gradients gradients = make_gradients(network);
    backpropagation.add_gradients(workspace, labels, 0.1F, 0.5F, 0, gradients);

    const std::vector<Tensor*> weights = parameter_tensors(network);
    REQUIRE(weights.size() == gradients.size());
    Gradients unused = make_gradients(network);
    const auto loss_with = [&](std::size_t i, std::size_t k, float value) {
        const float before = weights[i]->data()[k];
        weights[i]->data()[k] = value;
        for (std::size_t node = 0; node < network.nodes().size(); ++node) network.layer(node).refresh();
        const double loss = backpropagation.add_gradients(workspace, labels, 0.1F, 0.5F, 0, unused).loss;
        weights[i]->data()[k] = before;
        return loss;
    };
    for (std::size_t i = 0; i < weights.size(); ++i) {
        for (std::size_t k = 0; k < weights[i]->size(); k += 5) {
            CAPTURE(i);
            CAPTURE(k);
            const float value = weights[i]->data()[k];
            constexpr float h = 0x1p-7F;
            const double slope =
                (loss_with(i, k, value + h) - loss_with(i, k, value - h)) / (2.0 * static_cast<double>(h));
            CHECK(std::abs(gradients[i].data()[k] - 0.5 * slope) < 2e-3);
        }
    }
}

TEST_CASE("Backpropagation adds to what the gradients hold, so sub-batches sum to the batch") {
    Network network = branching_network();
    const Backpropagation backpropagation(network);
    optimise::Workspace workspace;
    Random random(4);
    Tensor images = zeros({4, 6, 6, 1});
    for (float& value : elements(images)) value = random.normal();
    const std::vector<std::uint8_t> labels = {1, 2, 0, 1};

    workspace.images = images;
    Gradients whole = make_gradients(network);
    const LossSum sum = backpropagation.add_gradients(workspace, labels, 0.0F, 1.0F, 0, whole);
    Gradients parts = make_gradients(network);
    double loss = 0.0;
    for (const std::size_t first : {0, 1}) {
        workspace.images = batch_slice(images, first * 3, first == 0 ? 3 : 1);
        const std::span<const std::uint8_t> all(labels);
        loss +=
            backpropagation.add_gradients(workspace, all.subspan(first * 3, first == 0 ? 3 : 1), 0.0F, 1.0F, 0, parts)
                .loss;
    }
    CHECK(loss == doctest::Approx(sum.loss).epsilon(1e-6));
    for (std::size_t i = 0; i < whole.size(); ++i) {
        for (std::size_t k = 0; k < whole[i].size(); ++k) {
            CHECK(std::abs(whole[i].data()[k] - parts[i].data()[k]) < 1e-4F * (1.0F + std::abs(whole[i].data()[k])));
        }
    }
}

TEST_CASE("Backpropagation refuses a network that ends in a Softmax") {
    Network network = branching_network();
    network.add("softmax", std::make_unique<Softmax>());
    CHECK_THROWS_WITH_AS(Backpropagation{network},
                         "training takes a network that ends in logits; this one ends in the Softmax softmax", Error);
}

TEST_CASE("he_initialise: deviation by fan-in, biases 0, the same for the same seed") {
    const std::vector<train::LayerSpec> layers = {
        {.name = "conv1", .type = "conv", .units = 64, .size = 5, .padding = 2},
        {.name = "relu1", .type = "relu"},
        {.name = "conv2", .type = "conv", .units = 32, .size = 3},
    };
    Network network = train::build_network({1, 8, 8, 2}, layers);
    he_initialise(network, 1);
    const std::array<double, 3> expected = {2.0 / 50.0, 0.0, 1.0 / 576.0};
    for (const std::size_t node : {0, 2}) {
        const std::vector<Parameter> parameters = network.layer(node).parameters();
        double squares = 0.0;
        for (const float value : elements(*parameters[0].value))
            squares += static_cast<double>(value) * static_cast<double>(value);
        CHECK(squares / static_cast<double>(parameters[0].value->size()) ==
              doctest::Approx(expected[node]).epsilon(0.05));
        for (const float value : elements(*parameters[1].value)) CHECK(value == 0.0F);
    }
    Network again = train::build_network({1, 8, 8, 2}, layers);
    he_initialise(again, 1);
    CHECK(*network.layer(2).parameters()[0].value == *again.layer(2).parameters()[0].value);
    he_initialise(again, 2);
    CHECK(*network.layer(2).parameters()[0].value != *again.layer(2).parameters()[0].value);
}
