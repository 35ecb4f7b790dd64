#include "../support/check_layer.hpp"
#include "../support/random_tensor.hpp"

#include "pellucid/error.hpp"

#include <algorithm>
#include <cmath>

using namespace pellucid;
using namespace pellucid::test;

namespace {

const std::vector<Shape> shapes{{1, 1, 1, 1}, {2, 3, 5, 17}, {3, 1, 1, 10}, {1, 4, 4, 1}};

Tensor run(const Layer& layer, const Tensor& x, Record& record) {
    Tensor y(x.shape());
    const Tensor* input = &x;
    layer.forward({&input, 1}, y, record);
    return y;
}

}  // namespace

TEST_CASE("activations: forward and gradient") {
    using Function = Activation::Function;
    for (const Shape& shape : shapes) {
        for (const Function function : {Function::relu, Function::leaky_relu, Function::sigmoid, Function::tanh}) {
            Activation layer(function, 0.2F);
            check_layer(layer, {shape});
        }
    }
    CHECK(Activation(Function::leaky_relu).op() == "LeakyRelu");
    CHECK(Activation(Function::sigmoid).op() == "Sigmoid");
}

TEST_CASE("activations: those with two numbers, and smooth ones") {
    using enum Activation::Function;
    for (const Shape& shape : shapes) {
        for (const auto function :
             {elu, celu, softplus, softsign, hard_sigmoid, hard_swish, swish, gelu, gelu_tanh, mish, erf, selu, clip}) {
            Activation layer(function, function == clip ? -0.4F : 0.3F, function == selu ? 1.1F : 0.6F);
            check_layer(layer, {shape});
        }
    }
    // A clip passes nothing at its bounds, as torch's ReLU6 and Hardtanh do; what is open has no bound.
    const Activation bounded(clip, 0.0F, 6.0F), open(clip, -INFINITY, 6.0F);
    CHECK(bounded.derivative(0.0) == 0.0);
    CHECK(bounded.derivative(6.0) == 0.0);
    CHECK(bounded.derivative(5.9) == 1.0);
    CHECK(bounded.at(7.0) == 6.0);
    CHECK(open.at(-1e6) == -1e6);
    for (const auto function : {swish, gelu, gelu_tanh, mish, softplus, hard_swish}) {
        CHECK(std::abs(Activation(function).at(-1e4)) <= 1e-6);
        CHECK(Activation(function).at(1e4) == doctest::Approx(1e4));
    }
}

TEST_CASE("affine, pad, concat: forward and gradients; what does not fit is refused") {
    for (const Shape& shape : shapes) {
        std::vector<double> factor, offset;
        for (std::size_t c = 0; c < shape[3]; ++c) {
            factor.push_back(0.5 - 0.3 * static_cast<double>(c));
            offset.push_back(0.1 * static_cast<double>(c) - 0.2);
        }
        Affine map(factor, offset);
        check_layer(map, {shape});
        for (const auto mode : {Pad::Mode::zeros, Pad::Mode::edge}) {
            Pad pad(mode, {.top = 2, .left = 0, .bottom = 1, .right = 3});
            check_layer(pad, {shape});
        }
        Concat concat;
        check_layer(concat, {shape, {shape[0], shape[1], shape[2], 3}});
    }
    Pad mirrored(Pad::Mode::reflect, {.top = 2, .left = 3, .bottom = 1, .right = 0});
    check_layer(mirrored, {{2, 3, 4, 2}});
    const Shape narrow{1, 3, 3, 2};
    CHECK_THROWS_WITH_AS(mirrored.output_shape({&narrow, 1}), doctest::Contains("larger than (1, 3, 3, 2)"), Error);
    CHECK_THROWS_AS(Affine({1.0, 2.0}, {1.0}), Error);
    CHECK_THROWS_AS(Affine({INFINITY}, {1.0}), Error);
    CHECK_THROWS_AS(Affine({1.0}, {0.0}).output_shape({&narrow, 1}), Error);
    const std::vector<Shape> different{{1, 3, 3, 2}, {1, 3, 4, 2}};
    CHECK_THROWS_WITH_AS(Concat().output_shape(different), doctest::Contains("rows and columns differ"), Error);
}

TEST_CASE("activations: a ReLU passes nothing at zero; extremes stay finite") {
    Tensor x = zeros({1, 1, 1, 4});
    x(0, 0, 0, 1) = -0.0F;
    x(0, 0, 0, 2) = 1e30F;
    x(0, 0, 0, 3) = -1e30F;
    Record record;
    const Tensor* input = &x;
    const Tensor ones = filled(x.shape(), 1.0F);
    const auto gradient = [&](const Layer& layer) {
        const Tensor y = run(layer, x, record);
        Tensor result(x.shape());
        Tensor* wanted = &result;
        layer.input_gradient({{&input, 1}, y, record}, ones, {&wanted, 1});
        return std::vector<float>(result.begin(), result.end());
    };
    CHECK(gradient(Activation(Activation::Function::relu)) == std::vector<float>{0.0F, 0.0F, 1.0F, 0.0F});
    CHECK(gradient(Activation(Activation::Function::leaky_relu, 0.5F)) == std::vector<float>{0.5F, 0.5F, 1.0F, 0.5F});
    CHECK(gradient(Activation(Activation::Function::sigmoid)) == std::vector<float>{0.25F, 0.25F, 0.0F, 0.0F});
    CHECK(gradient(Activation(Activation::Function::tanh)) == std::vector<float>{1.0F, 1.0F, 0.0F, 0.0F});
}

TEST_CASE("batch norm: forward and gradients") {
    Random random(4);
    for (const Shape& shape : shapes) {
        const Shape channels{1, 1, 1, shape[3]};
        Tensor scale = random_tensor(channels, random);
        Tensor shift = random_tensor(channels, random);
        Tensor mean = random_tensor(channels, random);
        BatchNorm layer(std::move(scale), std::move(shift), std::move(mean),
                        uniform_tensor(channels, random, 0.2F, 2.0F), 1e-3F);
        check_layer(layer, {shape});
    }
}

TEST_CASE("batch norm: what does not fit is refused") {
    const auto ones = [](std::size_t channels) { return filled({1, 1, 1, channels}, 1.0F); };
    CHECK_THROWS_AS(BatchNorm(ones(2), ones(3), ones(2), ones(2)), Error);
    CHECK_THROWS_AS(BatchNorm(ones(2), ones(2), ones(2), filled({1, 1, 1, 2}, -1.0F)), Error);
    const BatchNorm layer(ones(2), ones(2), ones(2), ones(2));
    const Shape wrong{1, 3, 3, 4};
    CHECK_THROWS_AS(layer.output_shape({&wrong, 1}), Error);
}

TEST_CASE("dropout: the identity in use, a mask of its seed in training") {
    for (const Shape& shape : shapes) {
        Dropout layer(0.3F);
        check_layer(layer, {shape});
        check_layer(layer, {shape}, {.seed = 3, .training = true});
    }
    const Tensor x = filled({4, 10, 10, 25}, 1.0F);
    const Dropout layer(0.3F);
    Record record;
    record.training = true;
    record.seed = 11;
    const Tensor y = run(layer, x, record);
    const auto kept = std::count(y.begin(), y.end(), 1.0F / (1.0F - 0.3F));
    CHECK(kept + std::count(y.begin(), y.end(), 0.0F) == 10'000);
    // 10 000 draws: five standard deviations are 230.
    CHECK(std::abs(static_cast<double>(kept) - 7000.0) < 230.0);
    Record same = record;
    CHECK(relative_error(run(layer, x, same), y) == 0.0);
    same.seed = 12;
    CHECK(relative_error(run(layer, x, same), y) > 0.0);
    CHECK_THROWS_AS(Dropout(1.0F), Error);
    CHECK_THROWS_AS(Dropout(-0.1F), Error);
    CHECK_THROWS_AS(Dropout(std::nanf("")), Error);
}

TEST_CASE("softmax: forward and gradient, also for large logits") {
    for (const Shape& shape : shapes) {
        Softmax layer;
        check_layer(layer, {shape});
    }
    Tensor large = zeros({1, 1, 1, 3});
    large(0, 0, 0, 0) = 1000.0F;
    large(0, 0, 0, 1) = 1000.0F;
    large(0, 0, 0, 2) = -1000.0F;
    Record record;
    const Tensor y = run(Softmax(), large, record);
    CHECK(std::vector<float>(y.begin(), y.end()) == std::vector<float>{0.5F, 0.5F, 0.0F});
}

TEST_CASE("add: forward and gradients") {
    for (const Shape& shape : shapes) {
        Add layer;
        check_layer(layer, {shape, shape});
    }
    const std::vector<Shape> different{{1, 3, 3, 2}, {1, 3, 3, 4}};
    CHECK_THROWS_AS(Add().output_shape(different), Error);
    CHECK_THROWS_AS(Add().output_shape(std::span(different).first(1)), Error);
}

TEST_CASE("flatten: forward and gradient") {
    for (const Shape& shape : shapes) {
        Flatten layer;
        check_layer(layer, {shape});
    }
}

TEST_CASE("resize: forward and gradient, both modes, enlarging and shrinking") {
    using Mode = Resize::Mode;
    struct Scale {
        float h, w;
    };
    for (const Shape& shape : {Shape{1, 1, 1, 1}, Shape{2, 3, 4, 2}, Shape{1, 4, 2, 17}}) {
        for (const Scale scale : {Scale{2.0F, 2.0F}, Scale{1.0F, 3.0F}, Scale{1.5F, 2.5F}, Scale{4.0F, 1.25F}}) {
            for (const Mode mode : {Mode::nearest, Mode::linear}) {
                Resize layer(mode, scale.h, scale.w);
                check_layer(layer, {shape});
            }
        }
    }
    for (const Mode mode : {Mode::nearest, Mode::linear}) {
        Resize layer(mode, 0.5F, 0.75F);
        check_layer(layer, {{1, 6, 7, 3}});
    }
    CHECK_THROWS_AS(Resize(Mode::linear, 0.0F, 1.0F), Error);
    CHECK_THROWS_AS(Resize(Mode::linear, 1.0F, INFINITY), Error);
    const Shape pixel{1, 1, 1, 1};
    CHECK_THROWS_AS(Resize(Mode::nearest, 0.5F, 1.0F).output_shape({&pixel, 1}), Error);
}

TEST_CASE("resize: what is flat stays flat to the last bit") {
    Random random(3);
    for (const float value : {0.1F, 0.7F, 1.0F / 3.0F, -2.3F}) {
        const Tensor x = filled({1, 5, 6, 2}, value);
        const Resize layer(Resize::Mode::linear, random.uniform(1.1F, 3.0F), random.uniform(1.1F, 3.0F));
        const Shape shape(x.shape());
        Tensor y(layer.output_shape({&shape, 1}));
        Record record;
        const Tensor* input = &x;
        layer.forward({&input, 1}, y, record);
        CHECK(std::all_of(y.begin(), y.end(), [&](float v) { return v == value; }));
    }
}
