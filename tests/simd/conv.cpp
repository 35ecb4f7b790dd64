/// Convolution and its weight gradient against loops in double, for every table that runs here.
#include "reference.hpp"

#include <algorithm>

using namespace pellucid::simd;
using namespace pellucid::simd::test;

namespace {

struct Problem {
    ConvSizes sizes;
    Floats in, weights, bias;

    Problem(const ConvSizes& s, std::uint32_t seed) : sizes(s), in(0), weights(0), bias(0) {
        Numbers numbers(seed);
        in = numbers.floats(s.in_h * s.in_w * s.in_c);
        weights = numbers.floats(s.kernel_h * s.kernel_w * s.in_c * s.out_c);
        bias = numbers.floats(s.out_c);
    }
    std::size_t outputs() const { return sizes.out_h * sizes.out_w * sizes.out_c; }
    float input(std::size_t y, std::size_t x, std::size_t ky, std::size_t kx, std::size_t i) const {
        // What lies before the image wraps around to a huge number.
        const std::size_t row = y * sizes.stride_h + ky - sizes.pad_top;
        const std::size_t column = x * sizes.stride_w + kx - sizes.pad_left;
        if (row >= sizes.in_h || column >= sizes.in_w) return 0.0F;
        return in[(row * sizes.in_w + column) * sizes.in_c + i];
    }

    std::vector<Sum> forward(bool with_bias) const {
        const ConvSizes& s = sizes;
        std::vector<Sum> sums(outputs());
        auto sum = sums.begin();
        for (std::size_t y = 0; y < s.out_h; ++y) {
            for (std::size_t x = 0; x < s.out_w; ++x) {
                for (std::size_t o = 0; o < s.out_c; ++o, ++sum) {
                    if (with_bias) sum->add(bias[o]);
                    const float* w = weights.data() + o;
                    for (std::size_t ky = 0; ky < s.kernel_h; ++ky) {
                        for (std::size_t kx = 0; kx < s.kernel_w; ++kx) {
                            for (std::size_t i = 0; i < s.in_c; ++i, w += s.out_c) {
                                sum->add(static_cast<double>(input(y, x, ky, kx, i)) * *w);
                            }
                        }
                    }
                }
            }
        }
        return sums;
    }

    /// Starts from what dw holds already, for the kernel adds.
    std::vector<Sum> weight_gradient(const Floats& grad, const Floats& dw) const {
        const ConvSizes& s = sizes;
        std::vector<Sum> sums(dw.size());
        auto sum = sums.begin();
        for (std::size_t ky = 0; ky < s.kernel_h; ++ky) {
            for (std::size_t kx = 0; kx < s.kernel_w; ++kx) {
                for (std::size_t i = 0; i < s.in_c; ++i) {
                    for (std::size_t o = 0; o < s.out_c; ++o, ++sum) {
                        sum->add(dw[static_cast<std::size_t>(sum - sums.begin())]);
                        for (std::size_t y = 0; y < s.out_h; ++y) {
                            for (std::size_t x = 0; x < s.out_w; ++x) {
                                sum->add(static_cast<double>(input(y, x, ky, kx, i)) *
                                         grad[(y * s.out_w + x) * s.out_c + o]);
                            }
                        }
                    }
                }
            }
        }
        return sums;
    }
};

double worst(const std::vector<Sum>& want, const Floats& got) {
    double result = 0.0;
    for (std::size_t i = 0; i < want.size(); ++i) result = std::max(result, want[i].error(got[i]));
    return result;
}

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

/// A signal behind a 2×2 max-pool, and the same at the places of the maxima.
struct PooledProblem {
    Problem whole;
    Floats grad;
    std::vector<std::uint32_t> switches;

    PooledProblem(const ConvSizes& s, std::uint32_t seed) : whole(s, seed), grad(0) {
        Numbers numbers(seed);
        const std::size_t cells = (s.in_h / 2) * (s.in_w / 2);
        grad = numbers.floats(cells * s.in_c);
        switches.resize(cells * s.in_c);
        for (std::size_t i = 0; i < whole.in.size(); ++i) whole.in[i] = 0.0F;
        for (std::size_t i = 0; i < switches.size(); ++i) {
            const std::size_t y = i / s.in_c / (s.in_w / 2) * 2 + numbers.below(2);
            const std::size_t x = i / s.in_c % (s.in_w / 2) * 2 + numbers.below(2);
            switches[i] = static_cast<std::uint32_t>(y * s.in_w + x);
            whole.in[switches[i] * s.in_c + i % s.in_c] = grad[i];
        }
    }

    void check(const PackedWeights& packed) const {
        const std::vector<Sum> want = whole.forward(false);
        for (const Kernels* table : available_kernels()) {
            INFO(table->name, ": ", describe(whole.sizes));
            Floats out(whole.outputs(), 777.0F);
            table->pooled_adjoint(whole.sizes, switches.data(), grad.data(), packed, out.data());
            CHECK(worst(want, out) <= 1.0);
            CHECK(out.intact());
        }
    }
};

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
        pack_winograd(problem.weights.data(), packed);
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

TEST_CASE("the convolution of what is mostly 0 agrees with a loop in double, whatever the share of zeros") {
    std::vector<ConvSizes> cases;
    for (const std::size_t hw : {1, 2, 3, 7, 14}) {
        for (const std::size_t out_c : {1, 4, 8, 16, 17, 32, 48, 50}) {
            for (const std::size_t in_c : {1, 5, 16, 36}) {
                cases.push_back(with_padding(sizes(hw, hw, in_c, out_c, 3, 3, 1, 1, 0), 1, 1, 1, 1));
            }
        }
    }
    cases.push_back(with_padding(sizes(6, 9, 8, 16, 3, 3, 1, 1, 0), 2, 2, 2, 2));  // the adjoint of one without padding
    cases.push_back(sizes(6, 9, 8, 16, 3, 3, 1, 1, 0));                            // and of one with that much
    cases.push_back(with_padding(sizes(6, 9, 8, 16, 3, 3, 1, 1, 0), 2, 0, 0, 1));  // these are left to the dense form
    cases.push_back(sizes(6, 9, 8, 16, 3, 3, 1, 1, 1));
    cases.push_back(with_padding(sizes(8, 8, 8, 16, 5, 5, 1, 1, 0), 2, 2, 2, 2));
    std::uint32_t seed = 5000;
    for (const ConvSizes& s : cases) {
        for (const std::uint32_t percent : {0, 10, 30, 100}) {
            Problem problem(s, ++seed);
            Numbers numbers(seed);
            for (std::size_t i = 0; i < problem.in.size(); ++i) {
                if (numbers.below(100) >= percent) problem.in[i] = 0.0F;
            }
            PackedWeights packed;
            pack_weights(problem.weights.data(), s.kernel_h, s.kernel_w, s.in_c, s.out_c, packed);
            pack_by_input(packed);
            for (const bool with_bias : {false, true}) {
                if (!sparse_forward && with_bias) break;
                const std::vector<Sum> want = problem.forward(with_bias);
                for (const Kernels* table : available_kernels()) {
                    INFO(table->name, ": ", describe(s), ", ", percent, " %");
                    const float* const bias = with_bias ? problem.bias.data() : nullptr;
                    Floats out(problem.outputs(), 777.0F), rectified(problem.outputs(), 777.0F);
                    table->conv_sparse(s, problem.in.data(), packed, bias, out.data(), Fuse::none);
                    CHECK(worst(want, out) <= 1.0);
                    if (!sparse_forward) continue;
                    table->conv_sparse(s, problem.in.data(), packed, bias, rectified.data(), Fuse::relu);
                    bool same = true;
                    for (std::size_t i = 0; i < out.size(); ++i) same = same && rectified[i] == std::max(out[i], 0.0F);
                    CHECK(same);
                    CHECK((out.intact() && rectified.intact()));
                }
            }
        }
    }
}

TEST_CASE("what comes back through a 2×2 max-pool and a convolution to one channel agrees with a loop in double") {
    std::vector<ConvSizes> cases;
    for (const std::size_t kernel : {3, 5}) {
        for (std::size_t pad = 0; pad < kernel; ++pad) {
            for (const auto& [h, w] : {std::pair<std::size_t, std::size_t>{2, 2}, {5, 9}, {8, 7}, {10, 14}}) {
                for (const std::size_t in_c : {1, 5, 16, 34}) {
                    if (h + kernel < 2 * pad + 2 || w + kernel < 2 * pad + 2) continue;  // nothing to read
                    cases.push_back(with_padding(sizes(h, w, in_c, 1, kernel, kernel, 1, 1, 0), pad, pad, pad, pad));
                }
            }
        }
        cases.push_back(with_padding(sizes(28, 28, 16, 1, kernel, kernel, 1, 1, 0), kernel / 2, kernel / 2, 1, 2));
    }
    std::uint32_t seed = 7000;
    for (const ConvSizes& s : cases) {
        PooledProblem problem(s, ++seed);
        PackedWeights packed;
        pack_weights(problem.whole.weights.data(), s.kernel_h, s.kernel_w, s.in_c, s.out_c, packed);
        pack_pooled(packed);
        REQUIRE(!packed.pooled.empty());
        problem.check(packed);
    }
}

TEST_CASE("what comes back through a 2×2 max-pool and a 3×3 convolution agrees with a loop in double") {
    std::vector<ConvSizes> cases;
    for (std::size_t pad = 0; pad < 3; ++pad) {
        for (const auto& [h, w] : {std::pair<std::size_t, std::size_t>{2, 2}, {5, 9}, {8, 7}, {6, 10}}) {
            if (h + 3 < 2 * pad + 2 || w + 3 < 2 * pad + 2) continue;  // nothing to read
            for (const std::size_t in_c : {4, 12, 32, 36, 68}) {
                for (const std::size_t out_c : {4, 16, 20, 36}) {
                    cases.push_back(with_padding(sizes(h, w, in_c, out_c, 3, 3, 1, 1, 0), pad, pad, pad, pad));
                }
            }
        }
    }
    cases.push_back(with_padding(sizes(8, 8, 8, 16, 3, 3, 1, 1, 0), 2, 0, 0, 2));
    cases.push_back(with_padding(sizes(9, 8, 8, 16, 3, 3, 1, 1, 0), 0, 2, 2, 1));
    std::uint32_t seed = 8000;
    for (const ConvSizes& s : cases) {
        PooledProblem problem(s, ++seed);
        PackedWeights packed;
        pack_weights(problem.whole.weights.data(), 3, 3, s.in_c, s.out_c, packed);
        CHECK(!marks_suit(s, packed));
        pack_by_input(packed);
        REQUIRE(marks_suit(s, packed));
        problem.check(packed);
    }
}

TEST_CASE("only 3×3 and 5×5 weights to one channel have windows for pooled signals") {
    const Floats weights = Numbers(1).floats(49 * 4 * 2);
    PackedWeights packed;
    pack_weights(weights.data(), 7, 7, 4, 1, packed);
    pack_pooled(packed);
    CHECK(packed.pooled.empty());
    pack_weights(weights.data(), 3, 5, 4, 1, packed);
    pack_pooled(packed);
    CHECK(packed.pooled.empty());
    pack_weights(weights.data(), 3, 3, 4, 2, packed);
    pack_pooled(packed);
    CHECK(packed.pooled.empty());
}

TEST_CASE("weights of other kernels and of few channels have no fast form") {
    const Floats weights = Numbers(1).floats(25 * 16 * 16);
    PackedWeights packed;
    pack_weights(weights.data(), 5, 5, 16, 16, packed);
    pack_winograd(weights.data(), packed);
    CHECK(packed.winograd.empty());
    pack_weights(weights.data(), 3, 3, 7, 16, packed);
    pack_winograd(weights.data(), packed);
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
