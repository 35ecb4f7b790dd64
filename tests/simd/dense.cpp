/// Dense layers, their weight gradient and bias gradients against loops in double.
#include "reference.hpp"

#include <algorithm>

using namespace pellucid::simd;
using namespace pellucid::simd::test;

namespace {

struct Case {
    std::size_t n, in_c, out_c;
};

std::vector<Case> cases() {
    std::vector<Case> result;
    for (const std::size_t n : {1, 2, 3, 5, 8, 17}) {
        for (const std::size_t in_c : {1, 2, 7, 16, 33, 130}) {
            for (const std::size_t out_c : {1, 2, 3, 4, 10, 16, 17, 31, 33, 64, 70}) result.push_back({n, in_c, out_c});
        }
    }
    result.push_back({1, 1568, 64});
    result.push_back({61, 392, 64});
    return result;
}

}  // namespace

TEST_CASE("a dense layer agrees with a loop in double") {
    std::uint32_t seed = 0;
    for (const auto [n, in_c, out_c] : cases()) {
        Numbers numbers(++seed);
        const Floats in = numbers.floats(n * in_c);
        const Floats weights = numbers.floats(in_c * out_c);
        const Floats bias = numbers.floats(out_c);
        PackedWeights packed;
        pack_weights(weights.data(), 1, 1, in_c, out_c, packed);
        for (const bool with_bias : {false, true}) {
            std::vector<Sum> want(n * out_c);
            for (std::size_t s = 0; s < n; ++s) {
                for (std::size_t o = 0; o < out_c; ++o) {
                    Sum& sum = want[s * out_c + o];
                    if (with_bias) sum.add(bias[o]);
                    for (std::size_t i = 0; i < in_c; ++i) {
                        sum.add(static_cast<double>(in[s * in_c + i]) * weights[i * out_c + o]);
                    }
                }
            }
            for (const Kernels* table : available_kernels()) {
                INFO(table->name, ": ", n, " samples, ", in_c, " to ", out_c);
                Floats out(n * out_c, 777.0F);
                Floats rectified(n * out_c, 777.0F);
                const float* b = with_bias ? bias.data() : nullptr;
                table->dense(n, in.data(), packed, b, out.data(), Fuse::none);
                table->dense(n, in.data(), packed, b, rectified.data(), Fuse::relu);
                double error = 0.0;
                bool same = true;
                for (std::size_t i = 0; i < want.size(); ++i) {
                    error = std::max(error, want[i].error(out[i]));
                    same = same && rectified[i] == std::max(out[i], 0.0F);
                }
                CHECK(error <= 1.0);
                CHECK(same);
                CHECK(out.intact());
                CHECK(rectified.intact());
            }
        }
    }
}

TEST_CASE(
    "inputs of a dense layer that are 0 in one sample, or in all of them, change nothing, however many they are") {
    std::uint32_t seed = 700;
    for (const auto [n, in_c, out_c] : cases()) {
        for (const std::uint32_t percent : {0, 10, 50, 100}) {
            Numbers numbers(++seed);
            Floats in = numbers.floats(n * in_c);
            const Floats weights = numbers.floats(in_c * out_c);
            const Floats bias = numbers.floats(out_c);
            for (std::size_t i = 0; i < in_c; ++i) {
                const bool used = numbers.below(100) < percent;
                for (std::size_t k = 0; k < n; ++k) {
                    if (!used || numbers.below(100) >= 80) in[k * in_c + i] = 0.0F;
                }
            }
            std::vector<Sum> want(n * out_c);
            for (std::size_t k = 0; k < n; ++k) {
                for (std::size_t o = 0; o < out_c; ++o) {
                    Sum& sum = want[k * out_c + o];
                    sum.add(bias[o]);
                    for (std::size_t i = 0; i < in_c; ++i) {
                        sum.add(static_cast<double>(in[k * in_c + i]) * weights[i * out_c + o]);
                    }
                }
            }
            PackedWeights packed;
            pack_weights(weights.data(), 1, 1, in_c, out_c, packed);
            for (const Kernels* table : available_kernels()) {
                INFO(table->name, ": ", n, " samples, ", in_c, " to ", out_c, ", ", percent, " %");
                Floats out(n * out_c, 777.0F);
                table->dense(n, in.data(), packed, bias.data(), out.data(), Fuse::none);
                double error = 0.0;
                for (std::size_t i = 0; i < want.size(); ++i) error = std::max(error, want[i].error(out[i]));
                CHECK(error <= 1.0);
                CHECK(out.intact());
            }
        }
    }
}

TEST_CASE("the adjoint of a dense layer agrees with a loop in double, and is 0 where its gate is") {
    std::uint32_t seed = 300;
    for (const auto [n, in_c, out_c] : cases()) {
        if (n != 1) continue;
        Numbers numbers(++seed);
        const Floats s = numbers.floats(out_c);
        const Floats weights = numbers.floats(in_c * out_c);
        Floats gate = numbers.floats(in_c);
        for (std::size_t i = 0; i < in_c; ++i) gate[i] = std::max(gate[i], 0.0F);
        PackedWeights packed;
        pack_weights(weights.data(), 1, 1, in_c, out_c, packed);
        std::vector<Sum> want(in_c);
        for (std::size_t i = 0; i < in_c; ++i) {
            for (std::size_t o = 0; o < out_c; ++o) want[i].add(static_cast<double>(s[o]) * weights[i * out_c + o]);
        }
        for (const Kernels* table : available_kernels()) {
            if (table->dense_adjoint == nullptr) continue;
            INFO(table->name, ": ", in_c, " to ", out_c);
            Floats out(in_c, 777.0F);
            table->dense_adjoint(s.data(), packed, nullptr, out.data());
            double error = 0.0;
            for (std::size_t i = 0; i < in_c; ++i) error = std::max(error, want[i].error(out[i]));
            CHECK(error <= 1.0);
            CHECK(out.intact());

            Floats gated(in_c, 777.0F);
            table->dense_adjoint(s.data(), packed, gate.data(), gated.data());
            error = 0.0;
            bool closed = true;
            for (std::size_t i = 0; i < in_c; ++i) {
                if (gate[i] == 0.0F)
                    closed = closed && gated[i] == 0.0F;
                else
                    error = std::max(error, want[i].error(gated[i]));
            }
            CHECK(error <= 1.0);
            CHECK(closed);
            CHECK(gated.intact());
        }
    }
}

TEST_CASE("dense weight gradients and row sums are added to what is there") {
    std::uint32_t seed = 500;
    for (const auto [n, in_c, out_c] : cases()) {
        Numbers numbers(++seed);
        const Floats in = numbers.floats(n * in_c);
        const Floats grad = numbers.floats(n * out_c);
        const Floats dw_start = numbers.floats(in_c * out_c);
        const Floats db_start = numbers.floats(out_c);
        std::vector<Sum> dw_want(in_c * out_c);
        std::vector<Sum> db_want(out_c);
        for (std::size_t i = 0; i < in_c * out_c; ++i) dw_want[i].add(dw_start[i]);
        for (std::size_t o = 0; o < out_c; ++o) db_want[o].add(db_start[o]);
        for (std::size_t s = 0; s < n; ++s) {
            for (std::size_t o = 0; o < out_c; ++o) {
                const double g = grad[s * out_c + o];
                db_want[o].add(g);
                for (std::size_t i = 0; i < in_c; ++i) dw_want[i * out_c + o].add(in[s * in_c + i] * g);
            }
        }
        for (const Kernels* table : available_kernels()) {
            INFO(table->name, ": ", n, " samples, ", in_c, " to ", out_c);
            Floats dw = dw_start;
            Floats db = db_start;
            table->dense_weight_gradient(n, in_c, out_c, in.data(), grad.data(), dw.data());
            table->sum_rows(n, out_c, grad.data(), db.data());
            double error = 0.0;
            for (std::size_t i = 0; i < dw_want.size(); ++i) error = std::max(error, dw_want[i].error(dw[i]));
            for (std::size_t o = 0; o < out_c; ++o) error = std::max(error, db_want[o].error(db[o]));
            CHECK(error <= 1.0);
            CHECK(dw.intact());
            CHECK(db.intact());
        }
    }
}
