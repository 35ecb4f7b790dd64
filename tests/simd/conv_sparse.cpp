/// Convolutions of signals that are mostly 0, or that come back through a 2×2 max-pool, against loops in double.
#include "conv_problem.hpp"

#include <algorithm>

using namespace pellucid::simd;
using namespace pellucid::simd::test;

namespace {

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
