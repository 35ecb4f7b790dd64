/// Max-pooling along a line: the values, places and sums of max-pooling point by point.
#include "reference.hpp"

using namespace pellucid::simd;
using namespace pellucid::simd::test;

namespace {

constexpr std::size_t points = 14;

struct Line {
    ConvSizes s;
    std::size_t out_size = s.out_h * s.out_w * s.in_c;
    Floats start{s.in_h * s.in_w * s.in_c}, slope{start.size()};
    Floats alphas{points}, weights{points}, grad{points * out_size};

    /// Small whole numbers and quarters, whose products and sums floats hold: what is expected is exact, and ties are
    /// common.
    Line(const ConvSizes& sizes, std::uint32_t seed) : s(sizes) {
        Numbers numbers(seed);
        const auto fill = [&](Floats& to, float unit) {
            for (std::size_t i = 0; i < to.size(); ++i) to[i] = unit * (static_cast<float>(numbers.below(9)) - 4.0F);
        };
        fill(start, 1.0F);
        fill(slope, 1.0F);
        fill(alphas, 0.25F);
        fill(weights, 0.5F);
        fill(grad, 1.0F);
    }
};

void check_line(const Kernels& table, const Line& line, Fuse fuse) {
    INFO(table.name, ": ", describe(line.s));
    const std::size_t count = points * line.out_size;
    Floats want(count), got(count, 777.0F);
    Guarded<std::uint32_t> want_places(count), places(count, 777U);
    std::vector<double> want_sums(line.start.size(), 0.0);
    Floats sums(line.start.size(), 777.0F), point(line.start.size()), back(line.start.size());
    for (std::size_t k = 0; k < points; ++k) {
        for (std::size_t i = 0; i < point.size(); ++i) point[i] = line.start[i] + line.alphas[k] * line.slope[i];
        float* const out = want.data() + k * line.out_size;
        std::uint32_t* const at = want_places.data() + k * line.out_size;
        table.max_pool(line.s, point.data(), out, at);
        for (std::size_t i = 0; i < line.out_size && fuse == Fuse::relu; ++i) out[i] = std::max(out[i], 0.0F);
        Floats gated(line.out_size);
        for (std::size_t i = 0; i < line.out_size; ++i) {
            gated[i] = fuse == Fuse::none || out[i] > 0.0F ? line.grad[k * line.out_size + i] : 0.0F;
        }
        table.max_pool_gradient(line.s, at, gated.data(), back.data());
        for (std::size_t i = 0; i < back.size(); ++i) {
            want_sums[i] += static_cast<double>(line.weights[k]) * static_cast<double>(back[i]);
        }
    }
    table.line_pool(line.s, points, line.alphas.data(), line.start.data(), line.slope.data(), got.data(), places.data(),
                    fuse);
    table.line_pool_gradient(line.s, points, line.weights.data(), places.data(), line.grad.data(),
                             fuse == Fuse::relu ? got.data() : nullptr, sums.data());
    bool same = true;
    for (std::size_t i = 0; i < count; ++i) same = same && got[i] == want[i] && places[i] == want_places[i];
    for (std::size_t i = 0; i < sums.size(); ++i) same = same && static_cast<double>(sums[i]) == want_sums[i];
    CHECK(same);
    CHECK((got.intact() && places.intact() && sums.intact()));
}

}  // namespace

TEST_CASE("max-pooling along a line gives every point's values and places, and the weighted sum of their gradients") {
    std::uint32_t seed = 0;
    for (const std::size_t channels : {1, 3, 16, 17, 33}) {
        for (const std::size_t rows : {2, 5, 8}) {
            for (const std::size_t columns : {3, 6}) {
                const Line line({rows, columns, channels, rows / 2, columns / 2, channels, 2, 2, 2, 2}, ++seed);
                for (const Kernels* table : available_kernels()) {
                    check_line(*table, line, Fuse::none);
                    check_line(*table, line, Fuse::relu);
                }
            }
        }
    }
}
