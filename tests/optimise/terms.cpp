/// Terms, their sum, and what they do to pictures, against PyTorch (goldens.py) and finite differences.
#include "pellucid/optimise/terms.hpp"

#include "pellucid/data/npy.hpp"
#include "pellucid/nn/onnx.hpp"
#include "pellucid/optimise/objective.hpp"
#include "support/random_network.hpp"
#include "support/random_tensor.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <functional>

using namespace pellucid;
using namespace pellucid::optimise;

#if !defined(__EMSCRIPTEN__)
namespace {

const std::string folder = PELLUCID_SOURCE_DIR "/tests/optimise/goldens/";

Tensor golden(const std::string& name) { return read_npy(folder + name).pixels; }

/// Row `row` of a table of (value, gradient…), read as a picture of one channel.
void check_row(const Tensor& table, std::size_t row, double value, std::span<const float> gradient) {
    CAPTURE(row);
    REQUIRE(table.shape()[2] == gradient.size() + 1);
    CHECK(value == doctest::Approx(table(0, row, 0, 0)).epsilon(1e-5));
    double largest = 0, difference = 0;
    for (std::size_t i = 0; i < gradient.size(); ++i) {
        const double wanted = table(0, row, i + 1, 0);
        largest = std::max(largest, std::abs(wanted));
        difference = std::max(difference, std::abs(wanted - static_cast<double>(gradient[i])));
    }
    CHECK(largest > 0);
    CHECK(difference <= 1e-5 * largest);
}

}  // namespace

TEST_CASE("terms of pictures: value and gradient as PyTorch has them") {
    const Tensor x = golden("picture.npy"), other = golden("other.npy"), table = golden("picture_terms.npy");
    const Shape shape = x.shape();
    const Numbers numbers = elements(x), to = elements(other);
    const std::vector<std::function<double(std::span<float>)>> terms = {
        [&](std::span<float> g) { return total_variation(shape, numbers, 2.0, 1, g); },
        [&](std::span<float> g) { return total_variation(shape, numbers, 1.5, 1, g); },
        [&](std::span<float> g) { return squared_distance(numbers, {}, 1, g); },
        [&](std::span<float> g) { return squared_distance(numbers, to, 1, g); }};
    for (std::size_t row = 0; row < terms.size(); ++row) {
        std::vector<float> gradient(x.size(), 0.0F);
        const double value = terms[row](gradient);
        check_row(table, row, value, gradient);
    }
}

TEST_CASE("the feature loss of a layer: value and gradient by the picture as PyTorch has them") {
    const Network lenet = load_onnx(PELLUCID_SOURCE_DIR "/models/lenet.onnx");
    const Tensor x = golden("picture.npy"), other = golden("other.npy"), table = golden("picture_terms.npy");
    std::size_t row = 4;
    for (const char* layer : {"relu1", "relu3"}) {
        const ValueId value = lenet.find(layer);
        Trace trace;
        lenet.forward(other, trace, value);
        const Tensor features = trace.values[value];
        Objective objective(lenet);
        objective.add({value, 1, [&](std::size_t, Numbers n, double scale, std::span<float> g) {
                           return squared_distance(n, elements(features), scale, g);
                       }});
        Tensor gradient;
        const std::vector<double> sums = objective(x, gradient);
        check_row(table, row++, sums[0], elements(std::as_const(gradient)));
    }
}

TEST_CASE("terms of logits: value and gradient as PyTorch has them") {
    const Tensor logits = golden("logits.npy"), table = golden("logit_terms.npy");
    const Numbers z = elements(logits);
    std::vector<float> gradient(z.size(), 0.0F);
    check_row(table, 0, log_softmax_at(z, 4, 1, gradient), gradient);
    std::ranges::fill(gradient, 0.0F);
    const double cross_entropy = -log_softmax_at(z, 7, -1, gradient);
    check_row(table, 1, cross_entropy, gradient);
    for (const bool yes : {true, false}) {
        std::ranges::fill(gradient, 0.0F);
        double sum = 0;
        for (std::size_t i = 0; i < z.size(); ++i) sum += log_sigmoid(z[i], yes, 1, gradient[i]);
        check_row(table, yes ? 2 : 3, sum, gradient);
    }
}
#endif

TEST_CASE("terms: gradients against finite differences, times a scale, added to what is there") {
    Random random(5);
    const Shape shape{1, 4, 5, 2};
    const Tensor x = test::random_tensor(shape, random), weights = test::uniform_tensor(shape, random, 0, 1);
    const Tensor to = test::random_tensor(shape, random);
    using Of = std::function<double(Numbers, double, std::span<float>)>;
    const std::vector<Of> terms = {
        [&](Numbers n, double s, std::span<float> g) { return total_variation(shape, n, 1.3, s, g); },
        [&](Numbers n, double s, std::span<float> g) {
            return squared_distance(n, elements(to), elements(weights), s, g);
        },
        [&](Numbers n, double s, std::span<float> g) { return log_softmax_at(n, 7, s, g); },
        [&](Numbers n, double s, std::span<float> g) { return margin(n, 3, true, 10, s, g); },
        [&](Numbers n, double s, std::span<float> g) { return margin(n, 3, false, 10, s, g); }};
    for (std::size_t t = 0; t < terms.size(); ++t) {
        CAPTURE(t);
        std::vector<float> gradient(x.size(), 1.0F), ignored(x.size());
        terms[t](elements(x), -2.5, gradient);
        for (std::size_t i = 0; i < x.size(); i += 3) {
            CAPTURE(i);
            Tensor moved = x;
            constexpr float h = 0x1p-8F;
            moved.data()[i] = x.data()[i] + h;
            const double above = terms[t](elements(std::as_const(moved)), 0, ignored);
            moved.data()[i] = x.data()[i] - h;
            const double below = terms[t](elements(std::as_const(moved)), 0, ignored);
            CHECK(gradient[i] ==
                  doctest::Approx(1 - 2.5 * (above - below) / (2.0 * static_cast<double>(h))).epsilon(2e-3));
        }
    }
}

TEST_CASE("margin: 0 once another class leads by kappa, or the wanted one does, and of one logit alone") {
    std::vector<float> gradient(3, 0.0F);
    CHECK(margin(std::vector<float>{1, 4, 2}, 0, true, 2, 1, gradient) == 0);
    CHECK(margin(std::vector<float>{1, 4, 2}, 1, false, 2, 1, gradient) == 0);
    CHECK(gradient == std::vector<float>{0, 0, 0});
    CHECK(margin(std::vector<float>{1, 4, 2}, 1, true, 1, 1, gradient) == doctest::Approx(3));
    CHECK(gradient == std::vector<float>{0, 1, -1});
    CHECK(margin(std::vector<float>{1, 4, 2}, 0, false, 1, 2, gradient) == doctest::Approx(4));
    CHECK(gradient == std::vector<float>{-2, 3, -1});
    for (const bool away : {true, false}) {
        std::vector<float> alone(1, 0.0F);
        CHECK(margin(std::vector<float>{2}, away ? 1 : 0, away, 0.5, 1, alone) == doctest::Approx(2.5));
        CHECK(margin(std::vector<float>{2}, away ? 0 : 1, away, 0.5, 1, alone) == 0);
        CHECK(alone[0] == 1);
    }
}

TEST_CASE("an objective adds terms of pictures and of several values, sample by sample") {
    const Network network = test::random_network(1);
    const Tensor x = test::random_batch(network, 3, 4);
    Objective objective(network);
    objective.add(
        {0, 0.5, [](std::size_t, Numbers n, double s, std::span<float> g) { return squared_distance(n, {}, s, g); }});
    for (const ValueId value : {ValueId{1}, network.logits()}) {
        objective.add({value, value == 1 ? 2.0 : -1.0, [](std::size_t sample, Numbers n, double s, std::span<float> g) {
                           g[sample] += static_cast<float>(s);
                           return static_cast<double>(n[sample]);
                       }});
    }
    Tensor gradient, ignored;
    const std::vector<double> sums = objective(x, gradient);
    for (std::size_t n = 0; n < 3; ++n) {
        for (std::size_t i = 0; i < sample_size(x); i += 7) {
            CAPTURE(n);
            CAPTURE(i);
            Tensor moved = x;
            constexpr float h = 0x1p-9F;
            sample(moved, n)[i] += h;
            const std::vector<double> above = objective(moved, ignored);
            sample(moved, n)[i] -= 2 * h;
            const std::vector<double> below = objective(moved, ignored);
            const double slope = (above[n] - below[n]) / (2.0 * static_cast<double>(h));
            // A kink between the two sides, as of a ReLU, is no fault.
            if (std::abs((above[n] - sums[n]) - (sums[n] - below[n])) > 1e-4 * (1 + std::abs(sums[n]))) continue;
            CHECK(sample(gradient, n)[i] == doctest::Approx(slope).epsilon(0.02).scale(1.0));
        }
    }
}
