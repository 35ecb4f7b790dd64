// What is promised of models/lenet.onnx.
#include "pellucid/data/mnist.hpp"
#include "pellucid/data/normalise.hpp"
#include "pellucid/data/pen_digits.hpp"
#include "pellucid/nn/layers.hpp"
#include "pellucid/nn/onnx.hpp"
#include "pellucid/train/recipe.hpp"
#include "pellucid/train/trainer.hpp"
#include "support/sanitizers.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

using namespace pellucid;

namespace {

Network lenet() { return load_onnx(PELLUCID_SOURCE_DIR "/models/lenet.onnx"); }

/// Drawn with their own pens, or all with one of the given width on a board of 280.
double share_of_pen_digits_read(float width) {
    Tensor images = zeros({pen_digit_count(), 28, 28, 1});
    std::vector<std::size_t> labels;
    for (std::size_t i = 0; i < pen_digit_count(); ++i) {
        PenDigit digit = pen_digit(i);
        if (width > 0.0F) {
            for (Stroke& stroke : digit.drawing.strokes) stroke.width = width;
        }
        const Tensor image = normalise(digit.drawing).image;
        std::ranges::copy(elements(image), sample(images, i).begin());
        labels.push_back(static_cast<std::size_t>(digit.label));
    }
    const std::vector<std::size_t> read = argmax(predict_logits(lenet(), images));
    std::size_t right = 0;
    for (std::size_t i = 0; i < labels.size(); ++i) right += read[i] == labels[i] ? 1 : 0;
    return static_cast<double>(right) / static_cast<double>(labels.size());
}

}  // namespace

TEST_CASE("lenet: is what its recipe says, and small; every convolution is followed by a ReLU") {
    const Network network = lenet();
    CHECK(network.parameter_count() <= 250000);
    const train::Recipe recipe = train::read_recipe(PELLUCID_SOURCE_DIR "/models/lenet.json");
    CHECK(network.metadata.at("recipe") == train::to_json(recipe));
    const Network planned = train::without_dropout(train::build_network(recipe.input, recipe.layers));
    REQUIRE(network.nodes().size() == planned.nodes().size());
    for (std::size_t node = 0; node < network.nodes().size(); ++node) {
        CHECK(network.nodes()[node].name == planned.nodes()[node].name);
        CHECK(network.nodes()[node].layer->op() == planned.nodes()[node].layer->op());
        CHECK(network.shape(node + 1) == planned.shape(node + 1));
        if (network.nodes()[node].layer->kind() == Kind::convolution) {
            CHECK(network.nodes()[node + 1].layer->op() == "Relu");
            CHECK(network.nodes()[node + 1].inputs == std::vector<ValueId>{node + 1});
        }
    }
}

TEST_CASE("lenet: reads at least 97 % of the built-in pen digits, none of which it has seen") {
    CHECK(share_of_pen_digits_read(0.0F) >= 0.97);
}

TEST_CASE("lenet: reads them as well when they are drawn with a hair-thin pen") {
    for (const float width : {0.1F, 0.5F, 1.0F, 2.0F, 4.0F, 8.0F}) {
        CAPTURE(width);
        CHECK(share_of_pen_digits_read(width) >= 0.97);
    }
}

#ifdef PELLUCID_HAS_ZLIB  // to read .gz
TEST_CASE("lenet: at least 99.5 % of MNIST's test images") {
    if (test::sanitized()) {
        MESSAGE("skipped: the sanitizers would take half a minute for what the native program shows in a second");
        return;
    }
    const std::string directory = mnist_directory();
    if (!has_mnist(directory)) {
        MESSAGE("skipped: needs MNIST, and PELLUCID_MNIST_DIR does not name its four files");
        return;
    }
    CHECK(train::accuracy(lenet(), load_mnist(directory, MnistPart::test)) >= 0.995);
}
#endif
