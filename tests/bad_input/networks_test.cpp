// Networks put together by hand: layers, graphs, passes, rules.
#include "bad_input/book.hpp"
#include "pellucid/backward/composite.hpp"
#include "pellucid/backward/engine.hpp"
#include "pellucid/nn/layers.hpp"
#include "pellucid/nn/patch_evaluator.hpp"
#include "pellucid/nn/predictor.hpp"
#include "support/random_network.hpp"

#include <cmath>
#include <limits>

using namespace pellucid;
using namespace pellucid::test;

namespace {

constexpr std::size_t most = std::numeric_limits<std::size_t>::max();
const float nan = std::nanf("");
constexpr float infinity = std::numeric_limits<float>::infinity();

Tensor weights(const Shape& shape) { return zeros(shape); }
Tensor bias(std::size_t outputs) { return zeros({1, 1, 1, outputs}); }

/// Puts the layer behind an image of 4×4 pixels and 2 channels.
void build(std::unique_ptr<Layer> layer) { Network({1, 4, 4, 2}).add("layer", std::move(layer)); }

template <typename Weighted>
void check_convolution(std::string_view op) {
    const auto ask = [&](std::string_view kind, std::string_view given, const Shape& shape, std::size_t outputs,
                         Stride stride = {}, Padding padding = {}) {
        refuses(op, kind, given,
                [&] { build(std::make_unique<Weighted>(weights(shape), bias(outputs), stride, padding)); });
    };
    ask("weights without rows", "(0, 3, 2, 4)", {0, 3, 2, 4}, 4);
    ask("weights without columns", "(3, 0, 2, 4)", {3, 0, 2, 4}, 4);
    ask("weights without inputs", "(3, 3, 0, 4)", {3, 3, 0, 4}, 4);
    ask("weights without outputs", "(3, 3, 2, 0)", {3, 3, 2, 0}, 0);
    ask("weights for other channels", "(3, 3, 5, 4)", {3, 3, 5, 4}, 4);
    ask("a bias that is too short", "3 for 4", {3, 3, 2, 4}, 3);
    ask("a stride of 0", "(0, 1)", {3, 3, 2, 4}, 4, {0, 1});
    ask("a stride of 0", "(1, 0)", {3, 3, 2, 4}, 4, {1, 0});
    ask("padding beyond all numbers", "2^64 - 1", {3, 3, 2, 4}, 4, {}, {most, most, most, most});
    ask("padding beyond all numbers", "2^63", {3, 3, 2, 4}, 4, {}, {most / 2, 0, most / 2, 0});
    ask("padding beyond all memory", "a 16th of all numbers on each side", {3, 3, 2, 4}, 4, {},
        {most / 16, most / 16, most / 16, most / 16});
}

template <typename Pool>
void check_pool(std::string_view op) {
    const auto ask = [&](std::string_view kind, std::string_view given, const Window& window) {
        refuses(op, kind, given, [&] { build(std::make_unique<Pool>(window)); });
    };
    ask("a window without rows", "0×2", {0, 2, {1, 1}, {}, false});
    ask("a window without columns", "2×0", {2, 0, {1, 1}, {}, false});
    ask("a stride of 0", "(0, 1)", {2, 2, {0, 1}, {}, false});
    ask("a window larger than the image", "5×5 on 4×4", {5, 5, {1, 1}, {}, false});
    ask("padding as large as the window", "2 for 2×2", {2, 2, {2, 2}, {2, 0, 0, 0}, false});
    ask("padding beyond all numbers", "2^64 - 1", {2, 2, {2, 2}, {most, most, most, most}, false});
    ask("a window beyond all numbers", "2^64 - 1", {most, most, {2, 2}, {}, false});
}

}  // namespace

TEST_CASE("bad input: layers") {
    check_convolution<Conv2d>("Conv2d");
    check_convolution<ConvTranspose2d>("ConvTranspose2d");
    check_pool<MaxPool2d>("MaxPool2d");
    check_pool<AveragePool2d>("AveragePool2d");
    refuses("ConvTranspose2d", "padding that takes all away", "5 of 6", [] {
        build(std::make_unique<ConvTranspose2d>(weights({3, 3, 2, 1}), bias(1), Stride{}, Padding{3, 3, 3, 3}));
    });
    refuses("ConvTranspose2d", "output padding as large as the stride", "1 of 1", [] {
        build(std::make_unique<ConvTranspose2d>(weights({3, 3, 2, 1}), bias(1), Stride{}, Padding{}, Stride{1, 1}));
    });
    refuses("Dense", "an image that was not flattened", "(1, 4, 4, 2)",
            [] { build(std::make_unique<Dense>(weights({1, 1, 32, 3}), bias(3))); });
    refuses("Dense", "weights that are no matrix", "(2, 1, 4, 3)", [] { Dense(weights({2, 1, 4, 3}), bias(3)); });
    refuses("Dense", "weights without inputs", "(1, 1, 0, 3)", [] { Dense(weights({1, 1, 0, 3}), bias(3)); });
    for (const float rate : {-0.1F, 1.0F, 2.0F, nan, infinity}) {
        refuses("Dropout", "a rate out of [0, 1)", fmt::format("{}", rate), [&] { (void)Dropout(rate); });
    }
    for (const float scale : {0.0F, -1.0F, nan, infinity, 1e30F, 0.1F}) {
        refuses("Resize", "a scale that leaves no image, or none that fits", fmt::format("{}", scale),
                [&] { build(std::make_unique<Resize>(Resize::Mode::nearest, scale, scale)); });
    }
    for (const float slope : {nan, infinity, -infinity}) {
        refuses("Activation", "a slope that is no number", fmt::format("{}", slope),
                [&] { (void)Activation(Activation::Function::leaky_relu, slope); });
    }
    refuses("BatchNorm", "arrays of different lengths", "2, 3, 2, 2",
            [] { BatchNorm(bias(2), bias(3), bias(2), bias(2)); });
    refuses("BatchNorm", "a negative variance", "-1",
            [] { BatchNorm(bias(1), bias(1), bias(1), filled({1, 1, 1, 1}, -1)); });
    refuses("BatchNorm", "a variance that is no number", "NaN",
            [] { BatchNorm(bias(1), bias(1), bias(1), filled({1, 1, 1, 1}, nan)); });
    refuses("BatchNorm", "other channels", "3 of 2",
            [] { build(std::make_unique<BatchNorm>(bias(3), bias(3), bias(3), filled({1, 1, 1, 3}, 1))); });
    Dense dense(weights({1, 1, 2, 3}), bias(3));
    refuses("WeightedLayer::set_weights", "other axes", "(1, 1, 3, 3)",
            [&] { dense.set_weights(weights({1, 1, 3, 3}), bias(3)); });
    refuses("WeightedLayer::set_weights", "another bias", "2 of 3",
            [&] { dense.set_weights(weights({1, 1, 2, 3}), bias(2)); });
}

TEST_CASE("bad input: graphs and passes") {
    for (const Shape& shape : {Shape{0, 4, 4, 1}, Shape{2, 4, 4, 1}, Shape{1, 0, 4, 1}, Shape{1, 4, 4, 0},
                               Shape{1, most, most, 2}, Shape{1, most / 2 + 1, 2, 1}}) {
        refuses("Network", "a shape that no sample has", to_string(shape), [&] { Network network(shape); });
    }
    const auto relu = [] { return std::make_unique<Activation>(Activation::Function::relu); };
    Network network({1, 4, 4, 2});
    network.add("relu1", relu());
    refuses("Network::add", "no name", "", [&] { network.add("", relu()); });
    refuses("Network::add", "a name that is taken", "relu1", [&] { network.add("relu1", relu()); });
    refuses("Network::add", "the input's name", "input", [&] { network.add("input", relu()); });
    refuses("Network::add", "no layer", "nullptr", [&] { network.add("none", nullptr); });
    refuses("Network::add", "a value that is not there", "7", [&] { network.add("late", relu(), {7}); });
    refuses("Network::add", "too many inputs", "2", [&] { network.add("two", relu(), {0, 1}); });
    refuses("Network::add", "too few inputs", "1", [&] { network.add("one", std::make_unique<Add>(), {0}); });
    refuses("Network::find", "a name that is not there", "nowhere", [&] { network.find("nowhere"); });
    refuses("Network::find", "control characters", "\x1b[31m", [&] { network.find("\x1b[31m"); });
    refuses("Network::name", "a value that is not there", "9", [&] { network.name(9); });
    Trace trace;
    for (const Shape& shape : {Shape{0, 4, 4, 2}, Shape{1, 4, 4, 1}, Shape{1, 5, 4, 2}, Shape{1, 1, 1, 32}}) {
        const Tensor x = zeros(shape);
        refuses("Network::forward", "another shape", to_string(shape), [&] { network.forward(x, trace); });
        refuses("predict_logits", "another shape", to_string(shape), [&] { predict_logits(network, x); });
        refuses("Predictor", "another shape", to_string(shape), [&] { (void)Predictor(network)(x); });
    }
    const Tensor x = zeros({1, 4, 4, 2});
    refuses("Network::forward", "a value that is not there", "9", [&] { network.forward(x, trace, 9); });
    refuses("Predictor", "a value that is not there", "9", [&] { Predictor(network, 9); });
    refuses("argmax", "nothing to choose from", "(1, 1, 1, 0)", [] { argmax(zeros({1, 1, 1, 0})); });
    network.forward(x, trace);
    PatchEvaluator patches(network, network.output());
    refuses("PatchEvaluator", "no patch", "", [&] { patches.evaluate(trace, 0, {}); });
}

TEST_CASE("bad input: rules and composites") {
    for (const char* id : {"", "nonsense", "EPSILON", "\x1b[31m", "\xff"}) {
        refuses("composites::relevance", "an unknown id", id, [&] { composites::relevance(id); });
        refuses("composites::single_rule", "an unknown rule", id, [&] { composites::single_rule(id); });
        refuses("rules::linear_rule", "an unknown rule", id, [&] { rules::linear_rule(id); });
    }
    for (const float gamma : {-1.0F, nan, infinity})
        refuses("rules::gamma", "a share that is none", fmt::format("{}", gamma), [&] { rules::gamma(gamma); });
    for (const auto& [alpha, beta] : {std::pair{2.0F, 2.0F}, {nan, 1.0F}, {0.5F, -0.5F}, {infinity, infinity}}) {
        refuses("rules::alpha_beta", "shares that do not differ by 1", fmt::format("{}, {}", alpha, beta),
                [&] { rules::alpha_beta(alpha, beta); });
    }
    for (const auto& [low, high] : {std::pair{1.0F, 0.0F}, {nan, 1.0F}, {0.0F, nan}}) {
        refuses("rules::z_box", "bounds the wrong way round", fmt::format("{}, {}", low, high),
                [&] { rules::z_box(low, high); });
    }
}
