/// The incremental evaluator against full forward passes.
#include "pellucid/error.hpp"
#include "pellucid/nn/layers.hpp"
#include "pellucid/nn/patch_evaluator.hpp"
#include "support/kernels.hpp"
#include "support/oracle.hpp"
#include "support/random_network.hpp"
#include "support/random_tensor.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

using namespace pellucid;

namespace {

Tensor patched(const Tensor& x, std::size_t n, const Patch& patch) {
    Tensor copy = batch_slice(x, n, 1);
    for (std::size_t y = patch.rect.top; y < patch.rect.bottom; ++y) {
        for (std::size_t c = patch.rect.left; c < patch.rect.right; ++c) {
            for (std::size_t k = 0; k < x.shape()[3]; ++k) {
                copy(0, y, c, k) = patch.image[(y * x.shape()[2] + c) * x.shape()[3] + k];
            }
        }
    }
    return copy;
}

}  // namespace

TEST_CASE("patch evaluator: equals the full pass on random networks, for every value and many windows") {
    for (std::uint32_t seed = 0; seed < 30; ++seed) {
        const Network network = test::random_network(seed);
        Random random(seed + 50);
        const Tensor x = test::random_batch(network, 2, seed);
        const Tensor filler = test::random_batch(network, 1, seed + 1);
        Trace base;
        network.forward(x, base);
        const std::size_t height = network.input_shape()[1], width = network.input_shape()[2];
        std::vector<Patch> patches;
        // Now and then so many that they go in several chunks, and those through the dense layers in several groups.
        const int count = seed % 6 == 0 ? 75 : 9;
        for (int i = 0; i < count; ++i) {
            Rect rect{random.below(height), random.below(width), 0, 0};
            rect.bottom = rect.top + 1 + random.below(height - rect.top);
            rect.right = rect.left + 1 + random.below(width - rect.left);
            patches.push_back({rect, filler.data()});
        }
        // One that changes nothing: the input's own pixels.
        patches.push_back({{0, 0, height, width}, sample(x, 1).data()});
        std::vector<Trace> full(patches.size());
        for (std::size_t p = 0; p < patches.size(); ++p) network.forward(patched(x, 1, patches[p]), full[p]);
        for (ValueId until = 1; until <= network.output(); until += until + 4 < network.output() ? 3 : 1) {
            PatchEvaluator evaluator(network, until);
            const Tensor& values = evaluator.evaluate(base, 1, patches);
            REQUIRE(values.shape()[0] == patches.size());
            for (std::size_t p = 0; p < patches.size(); ++p) {
                const auto wanted = elements(full[p].values[until]);
                const auto got = sample(values, p);
                float largest = 1e-6F, difference = 0;
                for (std::size_t i = 0; i < wanted.size(); ++i) {
                    largest = std::max(largest, std::abs(wanted[i]));
                    difference = std::max(difference, std::abs(wanted[i] - got[i]));
                }
                CAPTURE(seed);
                CAPTURE(until);
                CAPTURE(p);
                CHECK(difference <= 2e-6F * largest);
            }
        }
    }
}

TEST_CASE("patch evaluator: what a patch gets does not depend on the others") {
    for (std::uint32_t seed = 0; seed < 10; ++seed) {
        CAPTURE(seed);
        const Network network = test::random_network(seed);
        const Tensor x = test::random_batch(network, 1, seed), filler = test::random_batch(network, 1, seed + 1);
        Trace base;
        network.forward(x, base);
        std::vector<Patch> patches;
        for (std::size_t y = 0; y + 3 <= network.input_shape()[1]; ++y) {
            for (std::size_t w = 0; w + 3 <= network.input_shape()[2]; ++w) {
                patches.push_back({{y, w, y + 3, w + 2 + seed % 2}, filler.data()});
            }
        }
        // Layers behind the first dense one round by the size of their batch.
        ValueId until = 0;
        while (until < network.output() && network.nodes()[until].layer->kind() != Kind::dense) ++until;
        PatchEvaluator together(network, until), alone(network, until);
        const Tensor& values = together.evaluate(base, 0, patches);
        for (std::size_t p = 0; p < patches.size(); p += 7) {
            CAPTURE(p);
            const auto expected = elements(alone.evaluate(base, 0, std::span(&patches[p], 1)));
            CHECK(std::equal(expected.begin(), expected.end(), sample(values, p).begin()));
        }
    }
}

TEST_CASE("patch evaluator: a convolution before a max-pool whose windows overlap") {
    // AlexNet's 3×3/2, and others whose first window begins before the first pixel that a patch reaches.
    const std::vector<Window> pools{
        {3, 3, {2, 2}, {}, false}, {3, 2, {1, 1}, {}, false}, {4, 5, {3, 2}, {}, false}, {2, 2, {1, 2}, {}, false}};
    test::each_kernels([&] {
        for (const Window& pool : pools) {
            Random random(3);
            Network network({1, 15, 14, 4});
            Tensor weight = test::random_tensor({3, 3, 4, 6}, random, 0.2F);
            network.add("conv", std::make_unique<Conv2d>(std::move(weight), test::random_tensor({1, 1, 1, 6}, random),
                                                         Stride{}, Padding{1, 1, 1, 1}));
            network.add("relu", std::make_unique<Activation>(Activation::Function::relu));
            network.add("pool", std::make_unique<MaxPool2d>(pool));
            const Tensor x = test::random_batch(network, 1, 1);
            const Tensor filler = zeros(network.input_shape());
            Trace base;
            network.forward(x, base);
            std::vector<Patch> patches;
            for (std::size_t y = 0; y + 4 <= 15; ++y) {
                for (std::size_t c = 0; c + 4 <= 14; ++c) patches.push_back({{y, c, y + 4, c + 4}, filler.data()});
            }
            PatchEvaluator evaluator(network, network.output());
            const Tensor& values = evaluator.evaluate(base, 0, patches);
            double worst = 0;
            for (std::size_t p = 0; p < patches.size(); ++p) {
                Trace full;
                network.forward(patched(x, 0, patches[p]), full);
                worst = std::max(worst, test::relative_error(batch_slice(values, p, 1), full.values.back()));
            }
            CAPTURE(pool.h);
            CHECK(worst <= 2e-6);
        }
    });
}

TEST_CASE("patch evaluator: refuses what does not lie in the input") {
    const Network network = test::random_network(1);
    const Tensor x = test::random_batch(network, 1, 1);
    Trace base;
    network.forward(x, base);
    PatchEvaluator evaluator(network, network.output());
    const Patch outside{{0, 0, network.input_shape()[1] + 1, 1}, x.data()};
    CHECK_THROWS_AS(evaluator.evaluate(base, 0, std::span(&outside, 1)), Error);
    const Patch empty{{2, 2, 2, 3}, x.data()};
    CHECK_THROWS_AS(evaluator.evaluate(base, 0, std::span(&empty, 1)), Error);
    CHECK_THROWS_AS(evaluator.evaluate(base, 0, {}), Error);
}
