#include "../support/check_layer.hpp"
#include "../support/kernels.hpp"
#include "../support/random_tensor.hpp"

#include "pellucid/error.hpp"
#include "pellucid/parallel.hpp"

#include <numeric>

using namespace pellucid;
using namespace pellucid::test;

namespace {

struct Case {
    Shape input;
    std::size_t kernel_h, kernel_w, outputs;
    Stride stride;
    Padding padding;
    Stride output_padding{0, 0};
};

template <typename Convolution, typename... Rest>
Convolution random_convolution(const Case& c, Random& random, Rest... rest) {
    Tensor weight = random_tensor({c.kernel_h, c.kernel_w, c.input[3], c.outputs}, random);
    Tensor bias = random_tensor({1, 1, 1, c.outputs}, random);
    return Convolution(std::move(weight), std::move(bias), c.stride, c.padding, rest...);
}

}  // namespace

TEST_CASE("convolution: forward, adjoint and gradients at odd shapes") {
    const std::vector<Case> cases{
        {{2, 1, 1, 1}, 1, 1, 1, {1, 1}, {}},
        {{2, 5, 4, 3}, 1, 1, 17, {1, 1}, {}},
        {{1, 5, 5, 2}, 3, 3, 4, {1, 1}, {}},
        {{2, 5, 6, 17}, 3, 3, 2, {1, 1}, {1, 1, 1, 1}},
        {{1, 7, 6, 2}, 3, 2, 5, {2, 2}, {}},            // neither size fits the stride
        {{2, 6, 7, 3}, 3, 3, 3, {2, 3}, {1, 0, 0, 2}},  // asymmetric in both directions
        {{1, 8, 5, 1}, 2, 3, 4, {3, 1}, {0, 2, 1, 0}},
        {{1, 4, 4, 2}, 1, 1, 3, {2, 2}, {}},
        {{1, 3, 3, 2}, 2, 2, 3, {1, 1}, {3, 2, 4, 3}},  // padding wider than the kernel: the adjoint crops
        {{1, 4, 3, 2}, 2, 2, 5, {1, 1}, {0, 3, 1, 0}},  // … on one side only
        {{1, 3, 4, 2}, 2, 2, 5, {1, 1}, {3, 0, 0, 1}},
        {{1, 2, 2, 1}, 1, 1, 2, {2, 3}, {2, 1, 1, 2}},  // outputs that see padding only
        {{1, 9, 9, 1}, 5, 5, 16, {1, 1}, {2, 2, 2, 2}},
        {{2, 4, 3, 9}, 4, 3, 18, {1, 1}, {}},  // one output position
        {{1, 3, 9, 4}, 1, 7, 3, {1, 2}, {0, 3, 0, 3}},
        {{1, 8, 8, 1}, 2, 2, 1, {3, 3}, {}},  // pixels between the windows that nothing reads
    };
    std::uint32_t seed = 1;
    for (const Case& c : cases) {
        Random random(seed);
        auto layer = random_convolution<Conv2d>(c, random);
        check_layer(layer, {c.input}, {.seed = seed++});
    }
}

TEST_CASE("transposed convolution: forward, adjoint and gradients at odd shapes") {
    const std::vector<Case> cases{
        {{2, 1, 1, 1}, 1, 1, 1, {1, 1}, {}},
        {{2, 1, 1, 5}, 4, 3, 17, {1, 1}, {}},
        {{1, 3, 4, 2}, 3, 3, 3, {2, 2}, {1, 1, 1, 1}, {1, 1}},
        {{1, 3, 2, 17}, 2, 2, 4, {2, 2}, {}},
        {{2, 3, 3, 3}, 4, 3, 2, {3, 1}, {1, 0, 2, 1}, {2, 0}},
        {{1, 2, 3, 2}, 1, 2, 5, {2, 3}, {}, {1, 2}},    // a stride wider than the kernel leaves gaps
        {{1, 4, 4, 1}, 2, 2, 2, {1, 1}, {2, 1, 1, 2}},  // padding wider than the kernel − 1
    };
    std::uint32_t seed = 1;
    for (const Case& c : cases) {
        Random random(seed);
        auto layer = random_convolution<ConvTranspose2d>(c, random, c.output_padding);
        check_layer(layer, {c.input}, {.seed = seed++});
    }
}

TEST_CASE("convolution: a row shorter than its padding, where a kernel column misses the image at both ends") {
    const Case c{{2, 2, 3, 2}, 1, 3, 4, {1, 2}, {0, 2, 0, 2}};
    const Case wide{{1, 3, 3, 16}, 2, 3, 17, {1, 2}, {1, 2, 0, 2}};
    each_kernels([&] {
        std::uint32_t seed = 1;
        for (const Case& one : {c, wide}) {
            Random random(seed);
            auto layer = random_convolution<Conv2d>(one, random);
            check_layer(layer, {one.input}, {.seed = seed++});
            // Its adjoint, whose own adjoint is such a convolution.
            auto transposed = random_convolution<ConvTranspose2d>(one, random, Stride{0, 1});
            check_layer(transposed, {{1, 2, 3, one.input[3]}}, {.seed = seed++});
        }
    });

    // Sums that anyone can add up: two outputs of all ones.
    const Tensor weight = filled({1, 3, 2, 4}, 1.0F);
    Tensor x({1, 2, 3, 2});
    std::iota(x.data(), x.data() + x.size(), 1.0F);
    each_kernels([&] {
        const Conv2d layer(weight, zeros({1, 1, 1, 4}), {1, 2}, {0, 2, 0, 2});
        Tensor z(Shape{1, 2, 3, 4});
        layer.apply(x, layer.prepared(), z);
        const float expected[6] = {1 + 2, 1 + 2 + 3 + 4 + 5 + 6, 5 + 6, 7 + 8, 7 + 8 + 9 + 10 + 11 + 12, 11 + 12};
        for (std::size_t i = 0; i < z.size(); ++i) CHECK(z.data()[i] == expected[i / 4]);
    });
}

TEST_CASE("convolution: gradients do not depend on the number of threads") {
    Random random(7);
    auto layer = random_convolution<Conv2d>({{61, 6, 5, 3}, 3, 3, 5, {1, 1}, {1, 1, 1, 1}}, random);
    const Tensor x = random_tensor({61, 6, 5, 3}, random);
    const Tensor incoming = random_tensor({61, 6, 5, 5}, random);
    const Tensor* input = &x;
    const Record record;
    const Step step{{&input, 1}, incoming, record};
    const auto gradients = [&](std::size_t threads) {
        set_thread_limit(threads);
        std::vector<Tensor> sums{zeros(layer.weight().shape()), zeros(layer.bias().shape())};
        layer.parameter_gradients(step, incoming, sums);
        set_thread_limit(0);
        return sums;
    };
    const std::vector<Tensor> one = gradients(1);
    for (const std::size_t threads : {2U, 3U, 0U}) {
        const std::vector<Tensor> many = gradients(threads);
        CHECK(relative_error(many[0], one[0]) == 0.0);
        CHECK(relative_error(many[1], one[1]) == 0.0);
    }

    // Right as well: the objective is linear in the parameters, so steps may be large.
    std::vector<Array> parameters = parameters_of(layer);
    const std::vector<Array> inputs{Array(x)};
    const Array weights(incoming);
    const auto objective = [&] { return dot(reference_forward(layer, inputs, parameters), weights); };
    CHECK(relative_error(one[0], numeric_gradient(objective, parameters[0], 1.0)) <= 1e-5);
    CHECK(relative_error(one[1], numeric_gradient(objective, parameters[1], 1.0)) <= 1e-5);
}

TEST_CASE("convolution: a batch is the same as its samples one by one") {
    Random random(8);
    const auto layer = random_convolution<Conv2d>({{1, 20, 20, 8}, 3, 3, 16, {1, 1}, {1, 1, 1, 1}}, random);
    const Tensor x = random_tensor({40, 20, 20, 8}, random);
    Tensor z(Shape{40, 20, 20, 16});
    layer.apply(x, layer.prepared(), z);
    for (const std::size_t n : {0U, 17U, 39U}) {
        Tensor one(Shape{1, 20, 20, 16});
        layer.apply(batch_slice(x, n, 1), layer.prepared(), one);
        CHECK(relative_error(one, batch_slice(z, n, 1)) == 0.0);
    }
}

TEST_CASE("convolution: new weights take effect") {
    Random random(9);
    auto layer = random_convolution<Conv2d>({{1, 4, 4, 2}, 3, 3, 3, {1, 1}, {}}, random);
    layer.set_weights(random_tensor(layer.weight().shape(), random), random_tensor(layer.bias().shape(), random));
    check_layer(layer, {{1, 4, 4, 2}});
    layer.parameters()[0].value->fill(0.25F);
    layer.refresh();
    check_layer(layer, {{1, 4, 4, 2}});
    const std::unique_ptr<Layer> copy = layer.clone();
    layer.set_weights(zeros(layer.weight().shape()), zeros(layer.bias().shape()));
    check_layer(*copy, {{1, 4, 4, 2}});
    CHECK(parameters_of(*copy)[0].data[0] == 0.25);
}

TEST_CASE("convolution: what does not fit is refused") {
    const auto conv = [](const Shape& weight, std::size_t bias, Stride stride = {}, Padding padding = {}) {
        return Conv2d(zeros(weight), zeros({1, 1, 1, bias}), stride, padding);
    };
    CHECK_THROWS_AS(conv({3, 3, 2, 4}, 5), Error);
    CHECK_THROWS_AS(conv({3, 3, 0, 4}, 4), Error);
    CHECK_THROWS_AS(conv({3, 3, 2, 4}, 4, {0, 1}), Error);
    const Conv2d layer = conv({3, 3, 2, 4}, 4);
    const auto shape_for = [&](const Shape& input) { return layer.output_shape({&input, 1}); };
    CHECK_THROWS_WITH_AS(shape_for({1, 5, 5, 3}), "a Conv of 2 input channels cannot read (1, 5, 5, 3), which has 3",
                         Error);
    CHECK_THROWS_AS(shape_for({1, 2, 5, 2}), Error);
    CHECK(shape_for({3, 3, 5, 2}) == Shape{3, 1, 3, 4});
    const Tensor other = zeros({3, 3, 2, 5});
    CHECK_THROWS_AS(layer.prepare(other, nullptr), Error);

    const auto transposed = [](Stride stride, Padding padding, Stride output_padding) {
        return ConvTranspose2d(zeros({2, 2, 1, 1}), zeros({1, 1, 1, 1}), stride, padding, output_padding);
    };
    CHECK_THROWS_AS(transposed({2, 2}, {}, {2, 0}), Error);
    const ConvTranspose2d narrow = transposed({1, 1}, {1, 1, 1, 1}, {0, 0});
    const Shape pixel{1, 1, 1, 1};
    CHECK_THROWS_AS(narrow.output_shape({&pixel, 1}), Error);
}

TEST_CASE(
    "convolution in groups and with a dilated kernel: zeros where there is no connection, and no gradient there") {
    Random random(77);
    for (const Connections& connections : {Connections{3, {1, 1}}, Connections{1, {2, 3}}, Connections{3, {2, 1}}}) {
        Conv2d layer(random_tensor({3, 4, 6, 9}, random), random_tensor({1, 1, 1, 9}, random), {2, 1}, {1, 2, 0, 1},
                     connections);
        std::size_t kept = 0;
        for (const float w : layer.weight()) kept += w != 0.0F ? 1 : 0;
        const std::size_t rows = connections.dilation.h == 2 ? 2 : 3, columns = connections.dilation.w == 3 ? 2 : 4;
        CHECK(kept == rows * columns * 6 * 9 / connections.groups);
        CHECK(layer.weight()(0, 0, 5, 8) != 0.0F);
        CHECK((layer.weight()(0, 0, 0, 8) != 0.0F) == (connections.groups == 1));
        // What training would move stays where there is a connection.
        const Tensor x = random_tensor({2, 6, 7, 6}, random);
        const std::vector<Shape> shapes{x.shape()};
        Tensor z(layer.output_shape(shapes));
        Record record;
        const Tensor* input = &x;
        layer.forward({&input, 1}, z, record);
        const Array expected = reference_forward(layer, {Array(x)}, parameters_of(layer));
        CHECK(relative_error(z, expected) <= 1e-5);
        std::vector<Tensor> gradients{zeros(layer.weight().shape()), zeros(layer.bias().shape())};
        layer.parameter_gradients({{&input, 1}, z, record}, random_tensor(z.shape(), random), gradients);
        for (std::size_t i = 0; i < gradients[0].size(); ++i)
            CHECK((gradients[0].data()[i] != 0.0F) == (layer.weight().data()[i] != 0.0F));
    }
    CHECK_THROWS_AS(Conv2d(zeros({1, 1, 4, 6}), zeros({1, 1, 1, 6}), {}, {}, {4, {1, 1}}), Error);
}
