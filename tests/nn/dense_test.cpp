#include "../support/check_layer.hpp"
#include "../support/random_tensor.hpp"

#include "pellucid/error.hpp"
#include "pellucid/parallel.hpp"

using namespace pellucid;
using namespace pellucid::test;

namespace {

Dense random_dense(std::size_t inputs, std::size_t outputs, Random& random) {
    Tensor weight = random_tensor({1, 1, inputs, outputs}, random);
    Tensor bias = random_tensor({1, 1, 1, outputs}, random);
    return Dense(std::move(weight), std::move(bias));
}

}  // namespace

TEST_CASE("dense: forward, adjoint and gradients") {
    struct Case {
        std::size_t batch, inputs, outputs;
    };
    std::uint32_t seed = 1;
    for (const Case& c :
         {Case{1, 1, 1}, Case{3, 5, 1}, Case{2, 1, 17}, Case{7, 33, 3}, Case{1, 18, 10}, Case{37, 16, 16}}) {
        Random random(seed);
        Dense layer = random_dense(c.inputs, c.outputs, random);
        check_layer(layer, {{c.batch, 1, 1, c.inputs}}, {.seed = seed++});
    }
}

TEST_CASE("dense: gradients do not depend on the number of threads") {
    Random random(3);
    const Dense layer = random_dense(19, 7, random);
    const Tensor x = random_tensor({150, 1, 1, 19}, random);
    const Tensor incoming = random_tensor({150, 1, 1, 7}, random);
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
    Array expected({1, 1, 19, 7});
    for (std::size_t n = 0; n < 150; ++n) {
        for (std::size_t i = 0; i < 19; ++i) {
            for (std::size_t o = 0; o < 7; ++o) {
                expected.at(0, 0, i, o) +=
                    static_cast<double>(x(n, 0, 0, i)) * static_cast<double>(incoming(n, 0, 0, o));
            }
        }
    }
    CHECK(relative_error(one[0], expected) <= 1e-5);
}

TEST_CASE("dense: what does not fit is refused") {
    CHECK_THROWS_AS(Dense(zeros({2, 1, 3, 4}), zeros({1, 1, 1, 4})), Error);
    const Dense layer(zeros({1, 1, 2352, 10}), zeros({1, 1, 1, 10}));
    const Shape image{1, 7, 7, 48};
    CHECK_THROWS_WITH_AS(layer.output_shape({&image, 1}),
                         "Dense of 2352 inputs cannot read (1, 7, 7, 48): put a Flatten before it", Error);
    const Shape narrow{4, 1, 1, 100};
    CHECK_THROWS_WITH_AS(layer.output_shape({&narrow, 1}),
                         "Dense of 2352 inputs cannot read (4, 1, 1, 100): it needs (4, 1, 1, 2352)", Error);
}
