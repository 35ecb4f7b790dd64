#include "self_test.hpp"

#include "pellucid/nn/layers.hpp"
#include "pellucid/nn/network.hpp"
#include "pellucid/random.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

namespace pellucid::wasm {

namespace {

// Odd on purpose: a block of 16 outputs and a rest, rows and columns that no tile divides.
constexpr std::size_t side = 11, in = 3, out = 19, kernel = 3, units = 7;
constexpr std::size_t conv_side = side - kernel + 1;

Tensor random_tensor(const Shape& shape, Random& random) {
    Tensor tensor(shape);
    for (float& v : elements(tensor)) v = random.uniform(-1.0F, 1.0F);
    return tensor;
}

bool near(const std::vector<double>& expected, std::span<const float> computed) {
    double largest = 0;
    for (const double v : expected) largest = std::max(largest, std::abs(v));
    if (expected.size() != computed.size()) return false;
    for (std::size_t i = 0; i < expected.size(); ++i) {
        // Written so that NaN is refused.
        if (!(std::abs(expected[i] - static_cast<double>(computed[i])) <= 1e-5 * largest)) return false;
    }
    return true;
}

std::size_t conv_weight(std::size_t y, std::size_t x, std::size_t i, std::size_t o) {
    return ((y * kernel + x) * in + i) * out + o;
}

/// Calls body(output pixel, input offset, weight offset, output channel) for every product of the convolution.
template <typename Body>
void each_product(Body body) {
    for (std::size_t y = 0; y < conv_side; ++y)
        for (std::size_t x = 0; x < conv_side; ++x)
            for (std::size_t ky = 0; ky < kernel; ++ky)
                for (std::size_t kx = 0; kx < kernel; ++kx)
                    for (std::size_t i = 0; i < in; ++i)
                        for (std::size_t o = 0; o < out; ++o)
                            body((y * conv_side + x) * out + o, ((y + ky) * side + x + kx) * in + i,
                                 conv_weight(ky, kx, i, o));
}

}  // namespace

bool self_test() {
    Random random(20240607U);
    const Tensor x = random_tensor({1, side, side, in}, random);
    const Tensor w = random_tensor({kernel, kernel, in, out}, random);
    const Tensor b = random_tensor({1, 1, 1, out}, random);
    const Tensor v = random_tensor({1, 1, conv_side * conv_side * out, units}, random);
    const Tensor c = random_tensor({1, 1, 1, units}, random);

    Network network({1, side, side, in});
    network.add("conv", std::make_unique<Conv2d>(w, b));
    network.add("relu", std::make_unique<Activation>(Activation::Function::relu));
    network.add("flatten", std::make_unique<Flatten>());
    network.add("dense", std::make_unique<Dense>(v, c));
    Trace trace;
    network.forward(x, trace);

    std::vector<double> hidden(conv_side * conv_side * out);
    for (std::size_t h = 0; h < hidden.size(); ++h) hidden[h] = b.data()[h % out];
    each_product([&](std::size_t h, std::size_t pixel, std::size_t weight) {
        hidden[h] += static_cast<double>(x.data()[pixel]) * static_cast<double>(w.data()[weight]);
    });
    if (!near(hidden, elements(trace.values[1]))) return false;

    std::vector<double> answer(units);
    for (std::size_t u = 0; u < units; ++u) {
        answer[u] = c.data()[u];
        for (std::size_t h = 0; h < hidden.size(); ++h) {
            answer[u] += std::max(hidden[h], 0.0) * static_cast<double>(v.data()[h * units + u]);
        }
    }
    if (!near(answer, elements(trace.values[4]))) return false;

    // Backward: the convolution's transposed product.
    const Tensor incoming = random_tensor({1, conv_side, conv_side, out}, random);
    Tensor gradient = zeros({1, side, side, in});
    LayerInputs storage;
    Tensor* const wanted[] = {&gradient};
    network.layer(0).input_gradient(network.step(trace, 0, storage), incoming, wanted);
    std::vector<double> expected(x.size());
    each_product([&](std::size_t h, std::size_t pixel, std::size_t weight) {
        expected[pixel] += static_cast<double>(incoming.data()[h]) * static_cast<double>(w.data()[weight]);
    });
    return near(expected, elements(gradient));
}

}  // namespace pellucid::wasm
