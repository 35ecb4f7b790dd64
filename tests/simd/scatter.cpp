/// Scattered products against a loop in double: any number of rows, gathered or not, added where they belong.
#include "reference.hpp"

using namespace pellucid::simd;
using namespace pellucid::simd::test;

TEST_CASE("scattered products agree with a loop in double and touch nothing else") {
    std::uint32_t seed = 0;
    for (const std::size_t count : {1, 2, 4, 7, 13, 14, 15, 31}) {
        for (const std::size_t in_c : {1, 5, 16, 33}) {
            for (const std::size_t out_c : {4, 10, 16, 17, 32, 48, 70}) {
                Numbers numbers(++seed);
                // A slice of the weights of a larger layer, as a dense layer's pixel is.
                constexpr std::size_t before = 3;
                const std::size_t all = before + in_c + 2;
                const Floats weights = numbers.floats(all * out_c);
                PackedWeights packed;
                pack_weights(weights.data(), 1, 1, all, out_c, packed);
                const Floats in = numbers.floats((2 * count + scatter_margin) * in_c);
                std::vector<std::uint32_t> rows(count);
                for (auto& row : rows) row = numbers.below(static_cast<std::uint32_t>(2 * count));
                const std::size_t step = out_c + 3;
                const Floats start = numbers.floats(2 * count * step);
                for (const bool gathered : {false, true}) {
                    std::vector<Sum> want(start.size());
                    for (std::size_t i = 0; i < start.size(); ++i) want[i].add(start[i]);
                    constexpr std::size_t offset = 2;
                    // Outputs in another order, with places between them that stay as they are.
                    const auto place = [&](std::size_t p) { return 2 * (count - 1 - p) * step; };
                    for (std::size_t p = 0; p < count; ++p) {
                        const std::size_t row = gathered ? rows[p] : p;
                        for (std::size_t i = 0; i < in_c; ++i) {
                            for (std::size_t o = 0; o < out_c; ++o) {
                                want[place(p) + offset + o].add(static_cast<double>(in[row * in_c + i]) *
                                                                weights[(before + i) * out_c + o]);
                            }
                        }
                    }
                    for (const Kernels* table : available_kernels()) {
                        INFO(table->name, ": ", count, " rows, ", in_c, " to ", out_c, gathered ? ", gathered" : "");
                        Floats out = start;
                        std::vector<float*> to(count);
                        for (std::size_t p = 0; p < count; ++p) to[p] = out.data() + place(p);
                        table->scatter_products({.count = count,
                                                 .in_c = in_c,
                                                 .out_c = out_c,
                                                 .in = in.data(),
                                                 .rows = gathered ? rows.data() : nullptr,
                                                 .weights = packed.data.data() + before * pack_block,
                                                 .weight_step = all * pack_block,
                                                 .out = to.data(),
                                                 .offset = offset});
                        double error = 0.0;
                        bool rest = true;
                        for (std::size_t i = 0; i < want.size(); ++i) {
                            error = std::max(error, want[i].error(out[i]));
                            const std::size_t o = i % step;
                            const bool target = i / step % 2 == 0 && o >= offset && o < offset + out_c;
                            rest = rest && (target || out[i] == start[i]);
                        }
                        CHECK(error <= 1.0);
                        CHECK(rest);
                        CHECK(out.intact());
                    }
                }
            }
        }
    }
}
