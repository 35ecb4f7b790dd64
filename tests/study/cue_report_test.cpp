#include "pellucid/study/cue_report.hpp"

#include "pellucid/error.hpp"
#include "pellucid/nn/layers.hpp"
#include "pellucid/nn/onnx.hpp"
#include "pellucid/train/recipe.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <filesystem>

using namespace pellucid;

namespace {

constexpr std::size_t side = 12;

/// Ten classes: image n is a filled square whose left edge is at column label/2 or so; only the labels matter here.
LabelledImages squares(std::size_t count) {
    LabelledImages data;
    data.images = {count, side, side, std::vector<std::uint8_t>(count * side * side)};
    for (std::size_t n = 0; n < count; ++n) {
        std::uint8_t* const image = data.images.pixels.data() + n * side * side;
        for (std::size_t y = 4; y < 10; ++y) std::fill_n(image + y * side + 4, 6, static_cast<std::uint8_t>(200));
        data.labels.push_back(static_cast<std::uint8_t>(n % 10));
    }
    return data;
}

/// Answers class 3 where the pixel (1, 1) is inked and class 5 otherwise.
Network looks_at_the_corner() {
    Network network({1, side, side, 1});
    network.add("flatten", std::make_unique<Flatten>());
    Tensor weight = zeros({1, 1, side * side, 10}), bias = zeros({1, 1, 1, 10});
    weight.data()[(side + 1) * 10 + 3] = 2.0F;
    bias.data()[5] = 1.0F;
    network.add("dense", std::make_unique<Dense>(weight, bias));
    return network;
}

/// Logit c is the inner product with a square that has texture c: it reads textures alone.
Network reads_textures(const Textures& textures) {
    Network network({1, side, side, 1});
    network.add("flatten", std::make_unique<Flatten>());
    Tensor weight = zeros({1, 1, side * side, 10}), bias = zeros({1, 1, 1, 10});
    for (std::size_t c = 0; c < 10; ++c) {
        LabelledImages one = squares(1);
        fill_with_texture(one.images.pixels, side, side, textures, c);
        double square = 0;
        for (std::size_t i = 0; i < side * side; ++i) {
            const float pixel = static_cast<float>(one.images.pixels[i]) / 255.0F;
            weight.data()[i * 10 + c] = pixel;
            square += static_cast<double>(pixel) * static_cast<double>(pixel);
        }
        bias.data()[c] = static_cast<float>(-0.5 * square);
    }
    network.add("dense", std::make_unique<Dense>(weight, bias));
    return network;
}

}  // namespace

TEST_CASE("mark report: a network that looks at nothing but the mark is found out") {
    const MarkReport r = mark_report(looks_at_the_corner(), squares(100), {.label = 3, .size = 2, .margin = 1});
    CHECK(r.images == 100);
    CHECK(r.plain == doctest::Approx(0.1));   // the fives
    CHECK(r.marked == doctest::Approx(0.2));  // and the threes, by their mark
    CHECK(r.class_plain == 0.0);
    CHECK(r.class_marked == 1.0);
    CHECK(r.others_plain == 0.0);
    CHECK(r.others_marked == 1.0);
    CHECK_THROWS_WITH_AS(mark_report(looks_at_the_corner(), squares(10), {.label = 10}),
                         "the mark is for class 10; the network has 10, from 0", Error);
    CHECK_THROWS_WITH_AS(mark_report(looks_at_the_corner(), squares(0), {}),
                         "there are no images to ask the network about", Error);
}

TEST_CASE("texture report: a network that reads textures has no shape bias, one that looks elsewhere answers neither") {
    const Textures textures{.contrast = 1.0F, .thicken = 1};
    const TextureReport r = texture_report(reads_textures(textures), squares(200), textures, 1);
    CHECK(r.agreeing == 1.0);
    CHECK(r.all.images == 200);
    CHECK(r.all.texture == 200);
    CHECK(r.shape_bias() == 0.0);
    REQUIRE(r.by_shape.size() == 10);
    for (const TextureReport::Row& row : r.by_shape) CHECK(row.images == 20);

    const TextureReport other = texture_report(looks_at_the_corner(), squares(200), textures, 1);
    CHECK(other.by_shape[5].shape == 20);
    CHECK(other.all.shape == 20);
    CHECK(other.all.shape + other.all.texture + other.all.neither == 200);
    CHECK(other.all.neither > 100);
}

TEST_CASE("models: every recipe is good, and a model that is there is what its recipe says, within 700 KB") {
    std::size_t recipes = 0;
    for (const char* name :
         {"lenet", "robust", "linear", "untrained", "augmented", "smooth", "spurious", "texture", "dropout"}) {
        CAPTURE(name);
        const std::string base = std::string(PELLUCID_SOURCE_DIR "/models/") + name;
        const train::Recipe recipe = train::read_recipe(base + ".json");
        CHECK(recipe.name == name);
        ++recipes;
        if (!std::filesystem::exists(base + ".onnx")) continue;
        CHECK(std::filesystem::file_size(base + ".onnx") <= 700 * 1024);
        const Network network = load_onnx(base + ".onnx");
        CHECK(network.metadata.at("recipe") == train::to_json(recipe));
        CHECK(network.classes() == 10);
    }
    CHECK(recipes == 9);
}
