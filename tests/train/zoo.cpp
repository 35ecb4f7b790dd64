// What is promised of the models beside lenet: of robust without data, of others where MNIST is there.
#include "pellucid/data/mnist.hpp"
#include "pellucid/nn/layers.hpp"
#include "pellucid/nn/onnx.hpp"
#include "pellucid/optimise/initialise.hpp"
#include "pellucid/study/cue_report.hpp"
#include "pellucid/train/recipe.hpp"
#include "pellucid/train/rounds.hpp"
#include "pellucid/train/trainer.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <string>

using namespace pellucid;

namespace {

Network model(const std::string& name) { return load_onnx(PELLUCID_SOURCE_DIR "/models/" + name + ".onnx"); }

/// The first `count` test images; none where MNIST is not there, after saying so.
LabelledImages first_test_images(std::size_t count) {
    const std::string directory = mnist_directory();
    if (!has_mnist(directory)) {
        MESSAGE("skipped: needs MNIST, and PELLUCID_MNIST_DIR does not name its four files");
        return {};
    }
    LabelledImages data = load_mnist(directory, MnistPart::test);
    data.images.pixels.resize(count * data.images.rows * data.images.columns);
    data.images.count = count;
    data.labels.resize(count);
    return data;
}

}  // namespace

TEST_CASE("robust: its first layer is thresholds of single pixels, near ε and 1 − ε") {
    const Network network = model("robust");
    const auto* conv = dynamic_cast<const Conv2d*>(network.nodes()[0].layer.get());
    REQUIRE(conv != nullptr);
    const Tensor& weight = conv->weight();
    const std::size_t filters = weight.shape()[3], taps = weight.size() / filters;
    std::size_t thresholds = 0;
    for (std::size_t o = 0; o < filters; ++o) {
        double sum = 0, largest = 0;
        for (std::size_t k = 0; k < taps; ++k) {
            const auto w = static_cast<double>(weight.data()[k * filters + o]);
            sum += w * w;
            largest = std::abs(w) > std::abs(largest) ? w : largest;
        }
        const double place = -static_cast<double>(conv->bias().data()[o]) / largest;
        const bool single = largest * largest > 0.99 * sum;
        thresholds += single && (std::abs(place - 0.3) < 0.1 || std::abs(place - 0.7) < 0.1) ? 1 : 0;
    }
    CHECK(filters == 16);
    CHECK(thresholds >= 12);
}

TEST_CASE("robust: holds where lenet does not, under attacks within 0.3") {
    const LabelledImages data = first_test_images(200);
    if (data.size() == 0) return;
    const train::Rounds attack{.epsilon = 0.3F, .step_size = 0.02F, .steps = 40};
    const Network robust = model("robust"), lenet = model("lenet");
    CHECK(train::accuracy(robust, data) > 0.97);
    CHECK(train::accuracy(robust, train::adversarial_images(robust, data, attack, 1, 1)) > 0.88);
    CHECK(train::accuracy(lenet, train::adversarial_images(lenet, data, attack, 1, 1)) < 0.05);
}

TEST_CASE("spurious and texture: go by their cues") {
    const LabelledImages data = first_test_images(1000);
    if (data.size() == 0) return;
    for (const char* name : {"spurious", "texture"}) {
        const Network network = model(name);
        const Cues cues = train::read_recipe(PELLUCID_SOURCE_DIR "/models/" + std::string(name) + ".json").cues;
        CAPTURE(name);
        if (cues.mark) {
            const MarkReport report = mark_report(network, data, *cues.mark);
            CHECK(report.marked > 0.98);
            CHECK(report.class_plain < 0.3);
            CHECK(report.others_marked > report.others_plain + 0.2);
        } else {
            REQUIRE(cues.textures);
            const TextureReport report = texture_report(network, data, *cues.textures, 1);
            CHECK(report.agreeing > 0.98);
            CHECK(report.all.texture > report.all.shape);
            CHECK(report.shape_bias() < 0.5);
        }
    }
}

TEST_CASE("untrained: the weights are those that its seed draws") {
    const train::Recipe recipe = train::read_recipe(PELLUCID_SOURCE_DIR "/models/untrained.json");
    Network network = model("untrained"), drawn = train::build_network(recipe.input, recipe.layers);
    optimise::he_initialise(drawn, recipe.training.seed);
    CHECK(*network.layer(0).parameters()[0].value == *drawn.layer(0).parameters()[0].value);
}

TEST_CASE("dropout: its file keeps the Dropout layers, which answer differently when they are switched on") {
    const Network network = model("dropout");
    CHECK(std::ranges::count_if(network.nodes(), [](const Node& n) { return n.layer->op() == "Dropout"; }) == 3);
    Tensor image = zeros({1, 28, 28, 1});
    for (std::size_t y = 4; y < 24; ++y) image(0, y, 14, 0) = image(0, y, 13, 0) = 1.0F;
    Trace trace, other;
    trace.training = other.training = true;
    trace.seed = 1;
    other.seed = 2;
    network.forward(image, trace);
    network.forward(image, other);
    CHECK(trace.values.back() != other.values.back());
    other.training = false;
    network.forward(image, other);
    // Predictions sum in another order.
    const Tensor without = predict_logits(network, image);
    for (std::size_t c = 0; c < without.size(); ++c)
        CHECK(other.values.back().data()[c] == doctest::Approx(without.data()[c]).epsilon(1e-4));
}
