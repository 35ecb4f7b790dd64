/// What a network ends in, against arithmetic in double.
#include "pellucid/error.hpp"
#include "pellucid/methods/method.hpp"
#include "pellucid/nn/head.hpp"
#include "pellucid/nn/layers.hpp"
#include "pellucid/nn/onnx.hpp"
#include "support/check_layer.hpp"
#include "support/random_tensor.hpp"

#include <doctest/doctest.h>

#include <cmath>

using namespace pellucid;

namespace {

enum class Ending { none, softmax, log_softmax, sigmoid };

/// A dense network of that many classes with that ending, and `after` layers without effect behind it.
Network ending_in(Ending ending, std::size_t classes, std::size_t after = 0) {
    Random random(7 + static_cast<std::uint32_t>(classes));
    Network network(Shape{1, 3, 3, 1});
    network.add("flat", std::make_unique<Flatten>());
    network.add("dense", std::make_unique<Dense>(test::random_tensor({1, 1, 9, classes}, random),
                                                 test::random_tensor({1, 1, 1, classes}, random)));
    if (ending == Ending::softmax) network.add("end", std::make_unique<Softmax>());
    if (ending == Ending::log_softmax) network.add("end", std::make_unique<LogSoftmax>());
    if (ending == Ending::sigmoid) network.add("end", std::make_unique<Activation>(Activation::Function::sigmoid));
    for (std::size_t i = 0; i < after; ++i) {
        if (i % 2 == 0) network.add(fmt::format("drop{}", i), std::make_unique<Dropout>());
        if (i % 2 == 1) network.add(fmt::format("flatten{}", i), std::make_unique<Flatten>());
    }
    return network;
}

Tensor pixels(std::uint32_t seed) {
    Random random(seed);
    return test::uniform_tensor({1, 3, 3, 1}, random, 0.0F, 1.0F);
}

std::vector<double> logits_of(const Network& network, const Tensor& x) {
    const Tensor logits = predict_logits(network, x);
    return {logits.begin(), logits.end()};
}

double value(Explainer& explainer, const Tensor& x, const std::string& target) {
    const Method& method = find_method("gradient");
    return explain(method, {explainer, x, Target::parse(target), Params(method.card)}).value[0];
}

const std::vector<std::pair<Ending, Head>> endings{{Ending::none, Head::none},
                                                   {Ending::softmax, Head::softmax},
                                                   {Ending::log_softmax, Head::log_softmax},
                                                   {Ending::sigmoid, Head::sigmoid}};

}  // namespace

TEST_CASE("head: found behind layers without effect, kept by export") {
    for (const auto& [ending, head] : endings) {
        for (const std::size_t after : {0U, 1U, 2U, 3U}) {
            CAPTURE(to_string(head));
            CAPTURE(after);
            const Network network = ending_in(ending, 4, after);
            CHECK(head_of(network) == head);
            if (ending != Ending::none) CHECK(network.name(network.logits()) == "dense");
            CHECK(network.classes() == 4);
            const std::string file = write_onnx(network);
            const Network read = read_onnx(std::as_bytes(std::span(file)));
            CHECK(head_of(read) == head);
            Trace here, there;
            network.forward(pixels(3), here);
            read.forward(pixels(3), there);
            CHECK(here.values.back() == there.values.back());
        }
    }
    // A Sigmoid in the middle is none, nor is one that puts out an image.
    Network middle = ending_in(Ending::sigmoid, 4);
    middle.add("more", std::make_unique<Dense>(filled({1, 1, 4, 2}, 0.5F), zeros({1, 1, 1, 2})));
    CHECK(head_of(middle) == Head::none);
    Network image(Shape{1, 3, 3, 1});
    image.add("end", std::make_unique<Activation>(Activation::Function::sigmoid));
    CHECK(head_of(image) == Head::none);
}

TEST_CASE("head: class is the value before it, prob the one behind it, for one output as for many") {
    for (const auto& [ending, head] : endings) {
        for (const std::size_t classes : {1U, 2U, 5U}) {
            for (const std::size_t after : {0U, 2U}) {
                CAPTURE(to_string(head));
                CAPTURE(classes);
                Explainer explainer(ending_in(ending, classes, after));
                const Network& network = explainer.network();
                const Tensor x = pixels(5);
                const std::vector<double> z = logits_of(network, x);
                Trace trace;
                network.forward(x, trace);
                double sum = 0;
                for (const double v : z) sum += std::exp(v);
                for (std::size_t k = 0; k < classes; ++k) {
                    const bool single = head == Head::sigmoid || (head == Head::none && classes == 1);
                    const double p = single ? 1 / (1 + std::exp(-z[k])) : std::exp(z[k]) / sum;
                    CHECK(value(explainer, x, fmt::format("class:{}", k)) == doctest::Approx(z[k]).epsilon(1e-6));
                    CHECK(value(explainer, x, fmt::format("prob:{}", k)) == doctest::Approx(p).epsilon(1e-6));
                    // What the network itself gives.
                    const double given = trace.values.back().data()[k];
                    const double wanted = head == Head::none ? z[k] : head == Head::log_softmax ? std::log(p) : p;
                    CHECK(given == doctest::Approx(wanted).epsilon(1e-5));
                }
            }
        }
    }
}

TEST_CASE("head: the gradient of a probability is its derivative") {
    for (const auto& [ending, head] : endings) {
        for (const std::size_t classes : {1U, 3U}) {
            if (head != Head::sigmoid && head != Head::none && classes == 1) continue;  // constant
            CAPTURE(to_string(head));
            CAPTURE(classes);
            Explainer explainer(ending_in(ending, classes, 1));
            const Method& method = find_method("gradient");
            const Tensor x = pixels(9);
            const Result result = explain(method, {explainer, x, Target::parse("prob:0"), Params(method.card)});
            for (std::size_t i = 0; i < x.size(); ++i) {
                Tensor up = x, down = x;
                const float h = 1e-2F;
                up.data()[i] = std::min(1.0F, up.data()[i] + h);
                down.data()[i] = std::max(0.0F, down.data()[i] - h);
                const double step = static_cast<double>(up.data()[i] - down.data()[i]);
                const double slope = (value(explainer, up, "prob:0") - value(explainer, down, "prob:0")) / step;
                CHECK(static_cast<double>(result.map().data()[i]) == doctest::Approx(slope).epsilon(1e-2).scale(0.1));
            }
        }
    }
}

TEST_CASE("head: one output decides at one half, several by the largest") {
    const Network one = ending_in(Ending::sigmoid, 1);
    const auto decided = [](const Network& network, std::vector<float> z) { return decision(network, z); };
    CHECK(decided(one, {0.0F}) == 1);
    CHECK(decided(one, {-1e-6F}) == 0);
    CHECK(decided(one, {3.0F}) == 1);
    CHECK(decided(ending_in(Ending::none, 1), {-2.0F}) == 0);
    CHECK(decided(ending_in(Ending::none, 1), {2.0F}) == 1);
    CHECK(decided(ending_in(Ending::softmax, 1), {2.0F}) == 0);  // always 1, no decision
    for (const auto& [ending, head] : endings) CHECK(decided(ending_in(ending, 3), {-3.0F, -1.0F, -2.0F}) == 1);
    CHECK_THROWS_AS(decisions(one, zeros({1, 1, 1, 0})), Error);
}

TEST_CASE("head: the loss's gradient against differences of the loss in double") {
    for (const auto& [ending, head] : endings) {
        for (const std::size_t classes : {1U, 4U}) {
            const Network network = ending_in(ending, classes);
            const bool single = decides_singly(network);
            if (classes == 1 && !single) continue;
            std::vector<float> z{0.5F, -1.25F, 2.0F, 0.0F};
            z.resize(classes);
            for (std::size_t label = 0; label < std::max<std::size_t>(classes, 2); ++label) {
                const auto loss = [&](std::size_t moved, double by) {
                    double sum = 0, total = 0;
                    const auto at = [&](std::size_t k) { return static_cast<double>(z[k]) + (k == moved ? by : 0); };
                    for (std::size_t k = 0; k < classes; ++k) sum += std::exp(at(k));
                    if (!single) return std::log(sum) - at(label);
                    for (std::size_t k = 0; k < classes; ++k) {
                        const bool yes = classes == 1 ? label == 1 : k == label;
                        total += std::log1p(std::exp(yes ? -at(k) : at(k)));
                    }
                    return total;
                };
                std::vector<float> gradient(classes);
                loss_gradient(network, z, label, gradient);
                for (std::size_t k = 0; k < classes; ++k) {
                    const double slope = (loss(k, 1e-5) - loss(k, -1e-5)) / 2e-5;
                    CHECK(static_cast<double>(gradient[k]) == doctest::Approx(slope).epsilon(1e-5).scale(1e-3));
                }
            }
        }
    }
}

TEST_CASE("log_softmax: forward and gradient, also for large logits") {
    for (const Shape& shape : {Shape{1, 1, 1, 7}, Shape{2, 3, 2, 5}, Shape{3, 1, 1, 1}}) {
        LogSoftmax layer;
        test::check_layer(layer, {shape});
    }
    Tensor large = zeros({1, 1, 1, 3});
    large(0, 0, 0, 0) = 1000.0F;
    large(0, 0, 0, 2) = -1000.0F;
    const Tensor* input = &large;
    Tensor y(large.shape());
    Record record;
    LogSoftmax().forward({&input, 1}, y, record);
    CHECK(std::vector<float>(y.begin(), y.end()) == std::vector<float>{0.0F, -1000.0F, -2000.0F});
}
