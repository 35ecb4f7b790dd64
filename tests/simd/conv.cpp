/// Convolution and its weight gradient against loops in double, for every table that runs here.
#include "conv_problem.hpp"

#include <algorithm>

using namespace pellucid::simd;
using namespace pellucid::simd::test;

namespace {

/// Largest error of the maxima of 2×2 windows, against the maxima of the double sums.
double worst_pooled(const ConvSizes& s, const std::vector<Sum>& sums, const Floats& got) {
    double result = 0.0;
    for (std::size_t y = 0; y < s.out_h / 2; ++y) {
        for (std::size_t x = 0; x < s.out_w / 2; ++x) {
            for (std::size_t o = 0; o < s.out_c; ++o) {
                Sum best{-1e30, 0.0};
                for (const std::size_t place : {0, 1, 2, 3}) {
                    const Sum& sum = sums[((2 * y + place / 2) * s.out_w + 2 * x + place % 2) * s.out_c + o];
                    best = {std::max(best.value, sum.value), std::max(best.scale, sum.scale)};
                }
                best.value = std::max(best.value, 0.0);
                result = std::max(result, best.error(got[(y * (s.out_w / 2) + x) * s.out_c + o]));
            }
        }
    }
    return result;
}

/// A table's convolution with bias, the same rectified, and the same pooled.
void check_table(const Kernels& table, const Problem& problem, const PackedWeights& packed,
                 const std::vector<Sum>& want) {
    const ConvSizes& s = problem.sizes;
    INFO(table.name, ": ", describe(s));
    Floats out(problem.outputs(), 777.0F);
    table.conv(s, problem.in.data(), packed, problem.bias.data(), out.data(), Fuse::none);
    CHECK(worst(want, out) <= 1.0);
    CHECK(out.intact());

    Floats rectified(problem.outputs(), 777.0F);
    table.conv(s, problem.in.data(), packed, problem.bias.data(), rectified.data(), Fuse::relu);
    bool same = true;
    for (std::size_t i = 0; i < out.size(); ++i) same = same && rectified[i] == std::max(out[i], 0.0F);
    CHECK(same);
    CHECK(rectified.intact());

    Floats pooled((s.out_h / 2) * (s.out_w / 2) * s.out_c, 777.0F);
    table.conv_pool(s, problem.in.data(), packed, problem.bias.data(), pooled.data(), Fuse::relu);
    CHECK(worst_pooled(s, want, pooled) <= 1.0);
    CHECK(pooled.intact());
}

/// Recorded: exactly what convolution and max-pool give one after the other.
void check_traced(const Kernels& table, const Problem& problem, const PackedWeights& packed) {
    const ConvSizes& s = problem.sizes;
    INFO(table.name, ", recorded: ", describe(s));
    const ConvSizes window{s.out_h, s.out_w, s.out_c, s.out_h / 2, s.out_w / 2, s.out_c, 2, 2, 2, 2};
    const std::size_t count = window.out_h * window.out_w * s.out_c;
    Floats rectified(problem.outputs());
    Floats maxima(count, 777.0F);
    Guarded<std::uint32_t> places(count, 777U);
    table.conv(s, problem.in.data(), packed, problem.bias.data(), rectified.data(), Fuse::relu);
    table.max_pool(window, rectified.data(), maxima.data(), places.data());
    Floats traced(count, 777.0F);
    Guarded<std::uint32_t> switches(count, 777U);
    table.conv_pool_traced(s, problem.in.data(), packed, problem.bias.data(), traced.data(), switches.data(),
                           Fuse::relu);
    bool same = true;
    for (std::size_t i = 0; i < count; ++i) same = same && traced[i] == maxima[i] && switches[i] == places[i];
    CHECK(same);
    CHECK(traced.intact());
    CHECK(switches.intact());
}

void check_convolution(const ConvSizes& s, std::uint32_t seed) {
    const Problem problem(s, seed);
    PackedWeights packed;
    pack_weights(problem.weights.data(), s.kernel_h, s.kernel_w, s.in_c, s.out_c, packed);
    const std::vector<Sum> with_bias = problem.forward(true);
    const std::vector<Sum> without = problem.forward(false);
    for (const Kernels* table : available_kernels()) {
        check_table(*table, problem, packed, with_bias);
        check_traced(*table, problem, packed);
        Floats out(problem.outputs(), 777.0F);
        table->conv(s, problem.in.data(), packed, nullptr, out.data(), Fuse::none);
        INFO(table->name, " without bias: ", describe(s));
        CHECK(worst(without, out) <= 1.0);
    }
}

}  // namespace

TEST_CASE("convolution, with and without pooling, agrees with a loop in double and stays within its output") {
    std::uint32_t seed = 0;
    for (const ConvSizes& s : conv_cases()) check_convolution(s, ++seed);
}

TEST_CASE("convolution leaves out padding that is not stored") {
    std::uint32_t seed = 2000;
    for (const ConvSizes& s : padded_cases()) check_convolution(s, ++seed);
}

TEST_CASE("the fast 3×3 convolution agrees with a loop in double, at every size and number of channels") {
    std::vector<ConvSizes> cases;
    for (std::size_t hw = 3; hw <= 18; ++hw) {
        cases.push_back(with_padding(sizes(hw, hw, 8, 16, 3, 3, 1, 1, 0), 1, 1, 1, 1));
        cases.push_back(sizes(hw, 21 - hw, 16, 32, 3, 3, 1, 1, 0));
    }
    for (const std::size_t out_c : {8, 9, 17, 31, 33, 48, 65}) {
        for (const std::size_t in_c : {8, 12, 16, 17, 34}) {
            cases.push_back(with_padding(sizes(7, 7, in_c, out_c, 3, 3, 1, 1, 0), 1, 1, 1, 1));
            cases.push_back(with_padding(sizes(6, 9, in_c, out_c, 3, 3, 1, 1, 1), 2, 0, 0, 1));
        }
    }
    cases.push_back(with_padding(sizes(28, 28, 16, 16, 3, 3, 1, 1, 0), 1, 1, 1, 1));
    cases.push_back(with_padding(sizes(5, 70, 8, 8, 3, 3, 1, 1, 0), 1, 1, 1, 1));
    for (const auto& [h, w] : {std::pair<std::size_t, std::size_t>{12, 17}, {15, 30}, {8, 8}, {14, 14}}) {
        for (const std::size_t out_c : {8, 23, 48}) {  // large enough for the larger tiles
            cases.push_back(with_padding(sizes(h, w, 34, out_c, 3, 3, 1, 1, 0), 1, 1, 1, 1));
            cases.push_back(with_padding(sizes(h, w, 12, out_c, 3, 3, 1, 1, 1), 2, 0, 0, 2));
        }
    }
    cases.push_back(with_padding(sizes(9, 9, 16, 16, 3, 3, 2, 2, 0), 1, 1, 0, 0));  // a stride: direct all the same
    std::uint32_t seed = 3000;
    for (const ConvSizes& s : cases) {
        const Problem problem(s, ++seed);
        PackedWeights packed;
        pack_weights(problem.weights.data(), s.kernel_h, s.kernel_w, s.in_c, s.out_c, packed);
        pack_winograd(packed);
        CHECK(!packed.winograd.empty());
        // The fast form rounds sums over a whole tile: fair is what its largest window deserves, not each one's own.
        std::vector<Sum> want = problem.forward(true);
        double scale = 0.0;
        for (const Sum& sum : want) scale = std::max(scale, sum.scale);
        for (Sum& sum : want) sum.scale = scale;
        for (const Kernels* table : available_kernels()) check_table(*table, problem, packed, want);
    }
}

TEST_CASE("narrow convolutions leave out the padding at both ends of a row") {
    std::uint32_t seed = 4000;
    for (const std::size_t out_c : {1, 2, 3}) {
        for (const std::size_t in_c : {8, 16, 32}) {
            for (const std::size_t w : {4, 5, 6, 8, 9, 15, 16, 17, 28, 31}) {
                for (const std::size_t pad : {1, 2, 3}) {
                    const std::size_t kernel = 2 * pad + 1;
                    check_convolution(
                        with_padding(sizes(6, w, in_c, out_c, kernel, kernel, 1, 1, 0), pad, pad, pad, pad), ++seed);
                }
                check_convolution(with_padding(sizes(3, w, in_c, out_c, 3, 3, 1, 1, 0), 1, 2, 1, 0), ++seed);
                check_convolution(with_padding(sizes(3, w, in_c, out_c, 3, 3, 1, 1, 0), 0, 0, 2, 2), ++seed);
            }
        }
    }
}

TEST_CASE("weights of other kernels and of few channels have no fast form") {
    const Floats weights = Numbers(1).floats(25 * 16 * 16);
    PackedWeights packed;
    pack_weights(weights.data(), 5, 5, 16, 16, packed);
    pack_winograd(packed);
    CHECK(packed.winograd.empty());
    pack_weights(weights.data(), 3, 3, 7, 16, packed);
    pack_winograd(packed);
    CHECK(packed.winograd.empty());
}

TEST_CASE("the weight gradient of a convolution is added to what is there") {
    std::uint32_t seed = 1000;
    for (const ConvSizes& s : conv_cases()) {
        const Problem problem(s, ++seed);
        Numbers numbers(seed + 1);
        const Floats grad = numbers.floats(problem.outputs());
        const Floats start = numbers.floats(problem.weights.size());
        const std::vector<Sum> want = problem.weight_gradient(grad, start);
        for (const Kernels* table : available_kernels()) {
            INFO(table->name, ": ", describe(s));
            Floats dw = start;
            table->conv_weight_gradient(s, problem.in.data(), grad.data(), dw.data());
            CHECK(worst(want, dw) <= 1.0);
            CHECK(dw.intact());
        }
    }
}

TEST_CASE("packed weights hold zeros past the last output") {
    for (const std::size_t out_c : {4, 16, 21}) {
        Numbers numbers(3);
        const Floats weights = numbers.floats(2 * 3 * 5 * out_c);
        PackedWeights packed;
        pack_weights(weights.data(), 2, 3, 5, out_c, packed);
        CHECK(packed.out_c == out_c);
        const std::size_t blocks = (out_c + pack_block - 1) / pack_block;
        REQUIRE(packed.data.size() == blocks * 2 * 3 * 5 * pack_block);
        for (std::size_t b = 0; b < blocks; ++b) {
            for (std::size_t tap = 0; tap < 30; ++tap) {
                for (std::size_t lane = 0; lane < pack_block; ++lane) {
                    const std::size_t o = b * pack_block + lane;
                    const float want = o < out_c ? weights[tap * out_c + o] : 0.0F;
                    CHECK(packed.data[(b * 30 + tap) * pack_block + lane] == want);
                }
            }
        }
    }
}
