/// What is moved: gradients taken down to codes, weights and masks against finite differences; shifts and smoothing.
#include "pellucid/optimise/parameterisation.hpp"

#include "pellucid/error.hpp"
#include "pellucid/nn/layers.hpp"
#include "pellucid/optimise/initialise.hpp"
#include "pellucid/optimise/transforms.hpp"
#include "support/random_tensor.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <functional>
#include <numeric>

using namespace pellucid;
using namespace pellucid::optimise;

namespace {

/// 3 numbers → 2×2×4 → tanh → 4×4×1 → sigmoid.
Network small_generator() {
    Network network({1, 1, 1, 3});
    network.add("up0", std::make_unique<ConvTranspose2d>(zeros({2, 2, 3, 4}), zeros({1, 1, 1, 4})));
    network.add("tanh", std::make_unique<Activation>(Activation::Function::tanh));
    network.add("up1", std::make_unique<ConvTranspose2d>(zeros({4, 4, 4, 1}), zeros({1, 1, 1, 1}), Stride{2, 2},
                                                         Padding{1, 1, 1, 1}));
    network.add("sigmoid", std::make_unique<Activation>(Activation::Function::sigmoid));
    he_initialise(network, 4);
    return network;
}

const InputRange range{{-1.0F}, {3.0F}};

/// Σ c·x over all pictures; its gradient by the pictures is c.
void check_pull(Parameterisation& numbers, const Tensor& c) {
    const auto value = [&] {
        numbers.moved();
        const Tensor& x = numbers.image();
        return std::inner_product(x.data(), x.data() + x.size(), c.data(), 0.0);
    };
    value();
    numbers.pull(c);
    for (const Slot& slot : numbers.slots()) {
        for (std::size_t i = 0; i < slot.value->size(); i += 2) {
            CAPTURE(i);
            const double slope = static_cast<double>(slot.gradient->data()[i]);
            float& number = slot.value->data()[i];
            const float before = number;
            constexpr float h = 0x1p-8F;
            number = before + h;
            const double above = value();
            number = before - h;
            const double below = value();
            number = before;
            CHECK(slope == doctest::Approx((above - below) / (2.0 * static_cast<double>(h))).epsilon(1e-2).scale(1.0));
        }
    }
}

}  // namespace

TEST_CASE("a generator's code: pictures in the range, gradients against finite differences") {
    Random random(1);
    const Network generator = small_generator();
    Code code(generator, test::random_tensor({2, 1, 1, 3}, random), range);
    const Tensor& x = code.image();
    CHECK(x.shape() == Shape{2, 4, 4, 1});
    for (const float v : elements(x)) CHECK((v > -1.0F && v < 3.0F));
    check_pull(code, test::random_tensor({2, 4, 4, 1}, random));
}

TEST_CASE("a generator's weights: one network a sample, cropped, gradients against finite differences") {
    Random random(2);
    const std::vector<Network> starts(2, small_generator());
    const Tensor input = test::random_tensor({1, 1, 1, 3}, random);
    GeneratorWeights weights(starts, input, {2, 3, 4, 1}, range);
    CHECK(weights.image().shape() == Shape{2, 3, 4, 1});
    check_pull(weights, test::random_tensor({2, 3, 4, 1}, random));
    CHECK_THROWS_WITH_AS(GeneratorWeights(starts, input, {1, 5, 4, 1}, range),
                         "a generator of pictures (1, 4, 4, 1) cannot make (1, 5, 4, 1)", Error);
}

TEST_CASE("a mask between two pictures: values, gradients, bounds") {
    Random random(3);
    const Tensor shown = test::random_tensor({2, 3, 3, 2}, random), hidden = test::random_tensor({2, 3, 3, 2}, random);
    Mask mask(test::uniform_tensor({2, 3, 3, 1}, random, 0.1F, 0.9F), shown, hidden);
    check_pull(mask, test::random_tensor({2, 3, 3, 2}, random));
    mask.slots()[0].value->data()[0] = 7;
    mask.moved();
    CHECK(mask.mask().data()[0] == 1.0F);
    CHECK(mask.image().data()[1] == shown.data()[1]);
    CHECK_THROWS_AS(Mask(zeros({2, 3, 2, 1}), shown, hidden), Error);
}

TEST_CASE("pixels stay within the range, of each channel its own") {
    Pixels pixels(zeros({1, 1, 1, 2}), {{-1.0F, 0.0F}, {3.0F, 2.0F}});
    pixels.pixels().data()[0] = -5;
    pixels.pixels().data()[1] = 5;
    pixels.moved();
    CHECK(pixels.image().data()[0] == -1.0F);
    CHECK(pixels.image().data()[1] == 2.0F);
}

TEST_CASE("shifts: around the edges, undone by their opposite, uniform within the bound") {
    Random random(6);
    const Tensor x = test::random_tensor({2, 5, 4, 2}, random);
    Tensor there, back;
    roll(x, {2, -1}, there);
    CHECK(there(1, 1, 3, 0) == x(1, 4, 0, 0));
    roll(there, {-2, 1}, back);
    CHECK(std::equal(x.data(), x.data() + x.size(), back.data()));
    std::vector<int> seen(5, 0);
    for (std::uint64_t step = 0; step < 500; ++step) {
        const Shift shift = random_shift(9, step, 2);
        REQUIRE(std::abs(shift.rows) <= 2);
        ++seen[static_cast<std::size_t>(shift.columns + 2)];
    }
    for (const int count : seen) CHECK(count > 60);
}

TEST_CASE("smoothing keeps flat pictures and sums away from edges, and is a Gaussian; fading goes to paper") {
    Tensor flat = filled({1, 6, 7, 2}, 0.3F);
    blur(flat, 1.2);
    for (const float v : elements(flat)) CHECK(v == doctest::Approx(0.3));
    Tensor dot = zeros({1, 15, 15, 1});
    dot(0, 7, 7, 0) = 1;
    blur(dot, 1.5);
    const double ratio = static_cast<double>(dot(0, 7, 9, 0)) / static_cast<double>(dot(0, 7, 7, 0));
    CHECK(ratio == doctest::Approx(std::exp(-4.0 / (2 * 1.5 * 1.5))));
    CHECK(static_cast<double>(dot(0, 9, 9, 0)) / static_cast<double>(dot(0, 7, 7, 0)) ==
          doctest::Approx(ratio * ratio));
    Tensor faded = filled({1, 1, 1, 1}, 3.0F);
    decay(faded, range, 0.25);
    CHECK(faded(0, 0, 0, 0) == doctest::Approx(2.0));
}
