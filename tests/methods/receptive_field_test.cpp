/// What units see: the rectangle that can reach one, against what gradients reach, and how strongly.
#include "pellucid/methods/inside/field_rect.hpp"
#include "pellucid/methods/method.hpp"
#include "pellucid/nn/layers.hpp"
#include "support/answers.hpp"
#include "support/oracle.hpp"
#include "support/random_network.hpp"
#include "support/random_tensor.hpp"
#include "support/results.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

using namespace pellucid;
using test::Array;
using test::explained;

namespace {

/// The smallest rectangle around the pixels that a unit's gradient reaches at any of many inputs.
methods::FieldRect reached(Explainer& explainer, const Target& target, Random& random) {
    const Network& network = explainer.network();
    methods::FieldRect rect{1000, 1000, 0, 0};
    const Tensor x = test::random_tensor(with_batch(network.input_shape(), 200), random);
    const Tensor& gradients = explainer.plain().input_gradient(x, target);
    const auto [n, h, w, c] = gradients.shape();
    for (std::size_t i = 0; i < gradients.size(); ++i) {
        if (gradients.data()[i] == 0.0F) continue;
        const auto y = static_cast<std::ptrdiff_t>(i / c / w % h), column = static_cast<std::ptrdiff_t>(i / c % w);
        rect = {std::min(rect.top, y), std::min(rect.left, column), std::max(rect.bottom, y + 1),
                std::max(rect.right, column + 1)};
    }
    return rect;
}

void check_rects(Network network, Random& random) {
    Explainer explainer(std::move(network));
    const Network& of = explainer.network();
    for (ValueId value = 1; value <= of.output(); ++value) {
        const Shape& shape = of.shape(value);
        for (const std::size_t y : {std::size_t{0}, shape[1] / 2, shape[1] - 1}) {
            const Target target = Target::parse(fmt::format("neuron:{}/{},{},{}", of.name(value), shape[3] / 2, y,
                                                            shape[2] - 1 - y * shape[2] / (2 * shape[1])));
            CAPTURE(target.text());
            const methods::FieldRect ours = methods::receptive_rect(of, target),
                                     found = reached(explainer, target, random);
            CHECK(ours.top == found.top);
            CHECK(ours.left == found.left);
            CHECK(ours.bottom == found.bottom);
            CHECK(ours.right == found.right);
        }
    }
}

}  // namespace

TEST_CASE("receptive field: the rectangle is what the gradients of many inputs reach, layer by layer") {
    Random random(21);
    const auto conv = [&](std::size_t h, std::size_t w, std::size_t in, std::size_t out, Stride stride,
                          Padding padding) {
        return std::make_unique<Conv2d>(test::random_tensor({h, w, in, out}, random),
                                        test::random_tensor({1, 1, 1, out}, random), stride, padding);
    };
    Network plain({1, 19, 17, 1});
    plain.add("conv1", conv(3, 2, 1, 4, {2, 1}, {1, 0, 0, 1}));
    const ValueId start = plain.add("relu1", std::make_unique<Activation>(Activation::Function::leaky_relu, 0.1F));
    plain.add("conv2", conv(3, 3, 4, 4, {}, {1, 1, 1, 1}));
    plain.add("sum", std::make_unique<Add>(), {start, plain.output()});
    plain.add("max", std::make_unique<MaxPool2d>(Window{3, 2, {2, 2}, {1, 0, 0, 0}, false}));
    plain.add("mean", std::make_unique<AveragePool2d>(Window{2, 3, {1, 2}, {0, 1, 0, 0}, false}));
    plain.add("flatten", std::make_unique<Flatten>());
    plain.add("dense",
              std::make_unique<Dense>(test::random_tensor({1, 1, sample_size(plain.shape(plain.output())), 3}, random),
                                      zeros({1, 1, 1, 3})));
    check_rects(plain, random);

    for (const Pad::Mode mode : {Pad::Mode::zeros, Pad::Mode::edge, Pad::Mode::reflect}) {
        CAPTURE(static_cast<int>(mode));
        Network padded({1, 9, 8, 1});
        padded.add("pad", std::make_unique<Pad>(mode, Padding{2, 3, 3, 1}));
        padded.add("conv", conv(3, 3, 1, 2, {1, 2}, {}));
        // A padding of zeros sees nothing, which has no rectangle: skipped by asking behind the convolution only.
        Explainer explainer(padded);
        const Network& of = explainer.network();
        for (std::size_t y = 0; y < of.shape(2)[1]; ++y) {
            for (std::size_t column = 0; column < of.shape(2)[2]; ++column) {
                const Target target = Target::parse(fmt::format("neuron:conv/1,{},{}", y, column));
                CAPTURE(target.text());
                const methods::FieldRect ours = methods::receptive_rect(of, target),
                                         found = reached(explainer, target, random);
                if (ours.empty())
                    CHECK(found.empty());
                else
                    CHECK(ours == found);
            }
        }
    }

    Network up({1, 5, 6, 1});
    up.add("conv", conv(2, 2, 1, 3, {}, {}));
    up.add("up", std::make_unique<ConvTranspose2d>(test::random_tensor({3, 4, 3, 2}, random), zeros({1, 1, 1, 2}),
                                                   Stride{2, 3}, Padding{1, 0, 0, 1}));
    up.add("resize", std::make_unique<Resize>(Resize::Mode::linear, 2.0F, 1.5F));
    up.add("nearest", std::make_unique<Resize>(Resize::Mode::nearest, 0.5F, 2.0F));
    check_rects(up, random);
}

TEST_CASE("receptive field: without data the effective field is the input's own gradient, inside the rectangle") {
    Explainer explainer(test::random_network(2));
    const Network& network = explainer.network();
    const Tensor x = test::random_batch(network, 2, 2);
    const Target target = Target::parse("neuron:" + std::string(network.name(1)) + "/0,1,1");
    const Result result = explained("receptive_field", explainer, x, target, {});
    CHECK(test::relative_error(result.map(), result.map("here")) <= 1e-6);
    double inside = 0;
    for (std::size_t i = 0; i < result.map("rectangle").size(); ++i)
        inside += static_cast<double>(result.map("rectangle").data()[i]);
    CHECK(inside == 2 * result.scalar("height")[0] * result.scalar("width")[0]);
    CHECK(inside > 0);
    const std::size_t channels = result.map().shape()[3];
    for (std::size_t i = 0; i < result.map().size(); ++i) {
        CHECK((result.map("rectangle").data()[i / channels] == 1.0F || result.map().data()[i] == 0.0F));
    }
}

TEST_CASE("receptive field: over data, the mean size of the gradient") {
    Explainer explainer(test::random_network(5));
    const Network& network = explainer.network();
    const Tensor data = test::random_batch(network, 30, 8);
    explainer.attach(DataSet(data));
    const Tensor x = test::random_batch(network, 2, 9);
    const Result result = explained("receptive_field", explainer, x, Target::of_class(1), {{"samples", "27"}});
    Array mean(with_batch(network.input_shape(), 2));
    for (std::size_t i = 0; i < 27; ++i) {
        const Tensor gradient =
            explained("gradient", explainer, batch_slice(data, i, 1), Target::of_class(1), {}).map();
        for (std::size_t j = 0; j < mean.data.size(); ++j) {
            mean.data[j] += std::abs(static_cast<double>(gradient.data()[j % gradient.size()])) / 27;
        }
    }
    CHECK(test::relative_error(result.map(), mean) <= 1e-5);
    CHECK(test::relative_error(result.map(), result.map("here")) > 1e-3);
}
