#include "../support/check_layer.hpp"
#include "../support/random_tensor.hpp"

#include "pellucid/error.hpp"

#include <limits>

using namespace pellucid;
using namespace pellucid::test;

namespace {

struct Case {
    Shape input;
    Window window;
};

const std::vector<Case> cases{
    {{2, 6, 4, 3}, {}},                         // the fast path: 2×2, stride 2
    {{1, 7, 5, 17}, {}},                        // a row and a column left over
    {{1, 7, 5, 17}, {2, 2, {2, 2}, {}, true}},  // … counted by ceil mode
    {{1, 1, 1, 1}, {1, 1, {1, 1}, {}, false}},
    {{2, 6, 6, 2}, {3, 3, {2, 2}, {}, false}},  // overlapping windows
    {{1, 6, 6, 2}, {3, 3, {1, 1}, {1, 1, 1, 1}, false}},
    {{1, 6, 7, 5}, {3, 2, {2, 3}, {1, 0, 0, 1}, false}},  // asymmetric padding
    {{1, 6, 7, 5}, {3, 2, {2, 3}, {1, 0, 0, 1}, true}},
    {{1, 5, 5, 1}, {3, 3, {2, 2}, {1, 1, 2, 2}, true}},
    {{1, 6, 6, 2}, {2, 2, {3, 3}, {1, 1, 1, 1}, true}},  // the last window would see padding only
    {{1, 2, 2, 18}, {2, 2, {3, 3}, {1, 1, 1, 1}, true}},
    {{1, 4, 9, 1}, {1, 4, {1, 4}, {0, 1, 0, 2}, false}},
    {{1, 3, 3, 2}, {3, 3, {3, 3}, {}, false}},
    {{1, 8, 8, 1}, {2, 2, {3, 3}, {}, true}},
};

Shape pooled(const Layer& layer, const Shape& input) { return layer.output_shape({&input, 1}); }

}  // namespace

TEST_CASE("max pooling: forward and gradient") {
    std::uint32_t seed = 1;
    for (const Case& c : cases) {
        MaxPool2d layer(c.window);
        check_layer(layer, {c.input}, {.seed = seed++});
    }
}

TEST_CASE("average pooling: forward and gradient, both divisors") {
    std::uint32_t seed = 1;
    for (const Case& c : cases) {
        for (const bool count_padding : {false, true}) {
            AveragePool2d layer(c.window, count_padding);
            check_layer(layer, {c.input}, {.seed = seed++});
        }
    }
}

TEST_CASE("global average pooling: forward and gradient") {
    for (const Shape& shape : {Shape{2, 1, 1, 1}, Shape{3, 4, 5, 17}, Shape{1, 7, 3, 4}}) {
        GlobalAveragePool layer;
        check_layer(layer, {shape});
    }
}

TEST_CASE("max pooling: switches are places in the image without padding") {
    Random random(5);
    for (const Case& c : cases) {
        const MaxPool2d layer(c.window);
        const Tensor x = random_tensor(c.input, random);
        Tensor y(layer.output_shape({&c.input, 1}));
        Record record;
        const Tensor* input = &x;
        layer.forward({&input, 1}, y, record);
        REQUIRE(record.switches.size() == y.size());
        bool all_right = true;
        for (std::size_t i = 0; i < y.size(); ++i) {
            const std::size_t n = i / sample_size(y);
            const std::size_t channel = i % c.input[3];
            const std::size_t place = record.switches[i];
            all_right = all_right && place < c.input[1] * c.input[2] &&
                        sample(x, n)[place * c.input[3] + channel] == y.data()[i];
        }
        CHECK(all_right);
    }
}

TEST_CASE("max pooling: the first of equals wins, and padding never does") {
    const Tensor x = filled({1, 3, 3, 1}, -std::numeric_limits<float>::infinity());
    const Tensor* input = &x;
    const MaxPool2d layer({3, 3, {1, 1}, {1, 1, 1, 1}, false});
    Tensor y(Shape{1, 3, 3, 1});
    Record record;
    layer.forward({&input, 1}, y, record);
    CHECK(relative_error(y, y) == std::numeric_limits<double>::infinity());  // −∞ − −∞
    for (const float value : elements(y)) CHECK(value == -std::numeric_limits<float>::infinity());
    for (const std::uint32_t place : record.switches) CHECK(place < 9);

    const Tensor flat = filled({1, 4, 4, 2}, -3.0F);
    input = &flat;
    const MaxPool2d halves;
    Tensor half(Shape{1, 2, 2, 2});
    halves.forward({&input, 1}, half, record);
    CHECK(record.switches == std::vector<std::uint32_t>{0, 0, 2, 2, 8, 8, 10, 10});
    for (const float value : elements(half)) CHECK(value == -3.0F);
}

TEST_CASE("pooling: output sizes as PyTorch counts them") {
    CHECK(pooled(MaxPool2d({2, 2, {2, 2}, {}, false}), {1, 5, 5, 1}) == Shape{1, 2, 2, 1});
    CHECK(pooled(MaxPool2d({2, 2, {2, 2}, {}, true}), {1, 5, 5, 1}) == Shape{1, 3, 3, 1});
    CHECK(pooled(MaxPool2d({3, 3, {2, 2}, {1, 1, 1, 1}, true}), {1, 6, 6, 1}) == Shape{1, 4, 4, 1});
    CHECK(pooled(MaxPool2d({2, 2, {3, 3}, {1, 1, 1, 1}, true}), {1, 2, 2, 1}) == Shape{1, 1, 1, 1});
    CHECK(pooled(MaxPool2d({2, 2, {2, 2}, {}, true}), {1, 1, 1, 1}) == Shape{1, 1, 1, 1});
    CHECK_THROWS_AS(pooled(MaxPool2d(), {1, 1, 4, 1}), Error);
}

TEST_CASE("average pooling: what ceil mode adds does not count as padding") {
    // One row of 3, window 2, stride 2, one pixel of padding in front: windows (pad, a) and (b, c); ceil adds nothing.
    // With stride 3: (pad, a), (c, –), where "–" lies behind the padded image.
    Tensor x = zeros({1, 1, 3, 1});
    x(0, 0, 0, 0) = 6.0F;
    x(0, 0, 2, 0) = 10.0F;
    const Tensor* input = &x;
    Tensor y(Shape{1, 1, 2, 1});
    Record record;
    const Window window{1, 2, {1, 3}, {0, 1, 0, 0}, true};
    AveragePool2d(window, true).forward({&input, 1}, y, record);
    CHECK(y(0, 0, 0, 0) == 3.0F);
    CHECK(y(0, 0, 1, 0) == 10.0F);
    AveragePool2d(window, false).forward({&input, 1}, y, record);
    CHECK(y(0, 0, 0, 0) == 6.0F);
    CHECK(y(0, 0, 1, 0) == 10.0F);
}

TEST_CASE("pooling: impossible windows are refused") {
    CHECK_THROWS_AS(MaxPool2d({0, 2, {1, 1}, {}, false}), Error);
    CHECK_THROWS_AS(MaxPool2d({2, 2, {0, 1}, {}, false}), Error);
    CHECK_THROWS_AS(MaxPool2d({2, 2, {1, 1}, {2, 0, 0, 0}, false}), Error);
    CHECK_THROWS_AS(AveragePool2d({2, 2, {1, 1}, {0, 0, 0, 2}, false}), Error);
    const Shape empty{1, 0, 3, 2};
    CHECK_THROWS_AS(GlobalAveragePool().output_shape({&empty, 1}), Error);
}
