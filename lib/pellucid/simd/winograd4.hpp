/// 3×3 convolution with stride 1 in Winograd's form F(4×4, 3×3): 36 multiplications for 16 outputs instead of 144.
///
/// As winograd.hpp, for tiles of 4×4 outputs from the 6×6 inputs under them. The points of interpolation are 0, ±a, ±b
/// and ∞ with a = ¾, b = 1½, all of whose products below are exact in float:
///   Bᵀ = (a²b² 0 −(a²+b²) 0 1 0; 0 −ab² −b² a 1 0; 0 ab² −b² −a 1 0; 0 −a²b −a² b 1 0; 0 a²b −a² −b 1 0;
///         0 a²b² 0 −(a²+b²) 0 1),
///   Aᵀ = (1 1 1 1 1 0; 0 a −a b −b 0; 0 a² a² b² b² 0; 0 a³ −a³ b³ −b³ 1), G: see pack_winograd.
/// With these points rounding stays about twice that of the direct form; with the usual 0, ±1, ±2 it is seven times.
/// Points: Barabasz, Anderson, Soodhalter, Gregg, Error Analysis and Improving the Accuracy of Winograd Convolution,
/// 2018. Worth it where transformations cost little beside products: long vectors, many registers.
#pragma once

#include "pellucid/simd/winograd.hpp"

namespace pellucid::simd {

/// What the two one-dimensional transformations multiply with.
template <class Isa>
struct FourPoints {
    using Vector = typename Isa::Vector;
    static constexpr float a = winograd4_a, b = winograd4_b;

    static PELLUCID_INLINE Vector plus(const Vector& x, float factor, const Vector& y) {
        return Isa::multiply_add(Isa::splat(factor), y, x);
    }

    /// Bᵀ d of six vectors.
    static PELLUCID_INLINE void before(const Vector (&d)[6], Vector (&r)[6]) {
        const Vector t = plus(d[4], -b * b, d[2]);
        const Vector u = plus(d[3], -b * b, d[1]);
        const Vector s = plus(d[4], -a * a, d[2]);
        const Vector v = plus(d[3], -a * a, d[1]);
        r[0] = plus(plus(d[4], -a * a - b * b, d[2]), a * a * b * b, d[0]);
        r[1] = plus(t, a, u);
        r[2] = plus(t, -a, u);
        r[3] = plus(s, b, v);
        r[4] = plus(s, -b, v);
        r[5] = plus(plus(d[5], -a * a - b * b, d[3]), a * a * b * b, d[1]);
    }

    /// Aᵀ m of six vectors.
    static PELLUCID_INLINE void after(const Vector (&m)[6], Vector (&y)[4]) {
        const Vector sum_a = m[1] + m[2];
        const Vector sum_b = m[3] + m[4];
        const Vector difference_a = m[1] - m[2];
        const Vector difference_b = m[3] - m[4];
        y[0] = m[0] + (sum_a + sum_b);
        y[1] = plus(Isa::splat(a) * difference_a, b, difference_b);
        y[2] = plus(Isa::splat(a * a) * sum_a, b * b, sum_b);
        y[3] = plus(plus(m[5], a * a * a, difference_a), b * b * b, difference_b);
    }
};

/// Bᵀ d B for `rows` rows of tiles from `first_row` on. What lies outside the image is zero and is not read. `columns`
/// holds (4·tiles_w + 2)·6 vectors: neighbouring tiles share columns.
template <class Isa>
PELLUCID_TILE void winograd4_inputs(const ConvSizes& s, const float* in, const WinogradChunk& chunk,
                                    std::size_t first_row, std::size_t rows, float* columns) {
    using Vector = typename Isa::Vector;
    constexpr std::size_t width = Isa::width;
    const float zeros[width] = {};
    const std::size_t all = 4 * chunk.tiles_w + 2;
    const auto transform = [&](std::size_t c, std::size_t lanes) PELLUCID_INLINE_LAMBDA {
        float* to = chunk.points + c;
        for (std::size_t r = first_row; r < first_row + rows; ++r) {
            const float* from[6];
            std::size_t step[6];
            for (std::size_t i = 0; i < 6; ++i) {
                const std::size_t y = 4 * r + i - s.pad_top;  // above the image: beyond every height
                from[i] = y < s.in_h ? in + y * s.in_w * s.in_c + c : zeros;
                step[i] = y < s.in_h ? s.in_c : 0;
            }
            for (std::size_t i = 0; i < all; ++i) {
                const std::size_t x = i - s.pad_left;
                float* const column = columns + 6 * i * width;
                Vector d[6], t[6];
                if (x < s.in_w) {
                    repeat<6>([&]<std::size_t y>()
                                  PELLUCID_INLINE_LAMBDA { d[y] = load_lanes<Isa>(from[y] + x * step[y], lanes); });
                    FourPoints<Isa>::before(d, t);
                } else {
                    repeat<6>([&]<std::size_t y>() PELLUCID_INLINE_LAMBDA { t[y] = Isa::zero(); });
                }
                repeat<6>([&]<std::size_t y>() PELLUCID_INLINE_LAMBDA { Isa::store(column + y * width, t[y]); });
            }
            for (std::size_t t = 0; t < chunk.tiles_w; ++t, to += s.in_c) {
                float* row = to;
                for (std::size_t y = 0; y < 6; ++y, row += 6 * chunk.in_step) {
                    Vector d[6], v[6];
                    repeat<6>([&]<std::size_t x>() PELLUCID_INLINE_LAMBDA {
                        d[x] = Isa::load(columns + (6 * (4 * t + x) + y) * width);
                    });
                    FourPoints<Isa>::before(d, v);
                    repeat<6>([&]<std::size_t x>()
                                  PELLUCID_INLINE_LAMBDA { store_lanes<Isa>(row + x * chunk.in_step, v[x], lanes); });
                }
            }
        }
    };
    std::size_t c = 0;
    for (; c + width <= s.in_c; c += width) transform(c, width);
    if (c < s.in_c) transform(c, s.in_c - c);
}

/// m A of one row of points: [6][out_step] products to `halves`, [tile][4 columns][6 rows][channels]. Where `squares`
/// [tile][channels] is not null, those of the products are added to it.
template <class Isa>
PELLUCID_TILE void winograd4_row(const WinogradChunk& chunk, std::size_t channels, float* halves, float* squares) {
    using Vector = typename Isa::Vector;
    for (std::size_t t = 0; t < chunk.tiles; ++t) {
        for (std::size_t c = 0; c < channels; c += Isa::width) {
            Vector m[6], y[4];
            const float* from = chunk.products + t * channels + c;
            repeat<6>([&]<std::size_t i>() PELLUCID_INLINE_LAMBDA { m[i] = Isa::load(from + i * chunk.out_step); });
            FourPoints<Isa>::after(m, y);
            float* const to = halves + 24 * t * channels + c;
            repeat<4>([&]<std::size_t i>() PELLUCID_INLINE_LAMBDA { Isa::store(to + 6 * i * channels, y[i]); });
            if constexpr (Isa::winograd4_places) {
                if (squares == nullptr) continue;
                float* const at = squares + t * channels + c;
                const Vector even = Isa::multiply_add(m[4], m[4], Isa::multiply_add(m[2], m[2], m[0] * m[0]));
                const Vector odd = Isa::multiply_add(m[5], m[5], Isa::multiply_add(m[3], m[3], m[1] * m[1]));
                Isa::store(at, Isa::load(at) + (even + odd));
            }
        }
    }
}

/// The other half, Aᵀ (m A), bias and ReLU: one row of tiles to at most four rows of `out`, or to two of maxima where
/// Pool.
template <class Isa, bool Pool>
PELLUCID_TILE void winograd4_outputs(const WinogradChunk& chunk, const float* halves, const float* squares,
                                     std::size_t channels, std::size_t first_channel, std::size_t first_row,
                                     std::size_t rows, std::size_t columns, float* out) {
    using Vector = typename Isa::Vector;
    const std::size_t out_c = chunk.out_c;
    const std::size_t out_row = (Pool ? columns / 2 : columns) * out_c;
    for (std::size_t t = 0; t < chunk.tiles_w; ++t) {
        const std::size_t across = columns - 4 * t < 4 ? columns - 4 * t : 4;
        for (std::size_t c = 0; c < channels; c += Isa::width) {
            const std::size_t channel = first_channel + c;
            const std::size_t lanes = out_c - channel < Isa::width ? out_c - channel : Isa::width;
            const Vector bias = chunk.bias == nullptr ? Isa::zero() : load_lanes<Isa>(chunk.bias + channel, lanes);
            const auto column = [&](std::size_t x, Vector(&y)[4]) PELLUCID_INLINE_LAMBDA {
                Vector m[6];
                const float* from = halves + (24 * t + 6 * x) * channels + c;
                repeat<6>([&]<std::size_t i>() PELLUCID_INLINE_LAMBDA { m[i] = Isa::load(from + i * channels); });
                FourPoints<Isa>::after(m, y);
            };
            const auto finish = [&](Vector v, float* to) PELLUCID_INLINE_LAMBDA {
                v = v + bias;
                if (chunk.relu) v = Isa::max(v, Isa::zero());
                store_lanes<Isa>(to, v, lanes);
            };
            if constexpr (Pool) {
                float* to = out + 2 * t * out_c + channel;
                for (std::size_t x = 0; rows > 1 && x + 1 < across; x += 2, to += out_c) {
                    Vector y[4], right[4];
                    column(x, y);
                    column(x + 1, right);
                    if (Isa::winograd4_places && chunk.pool.switches != nullptr) {
                        const Vector of_tile = Isa::load(squares + t * channels + c);
                        const auto window = [&](std::size_t below, const Vector& z0, const Vector& z1, const Vector& z2,
                                                const Vector& z3) PELLUCID_INLINE_LAMBDA {
                            Vector z[4] = {z0 + bias, z1 + bias, z2 + bias, z3 + bias};
                            const PoolWindow<Isa, false> pool{
                                chunk.pool, first_row / 2 + below, 2 * t + x / 2, channel, lanes, bias, chunk.relu};
                            pool.finish(of_tile, z, to + below * out_row);
                        };
                        window(0, y[0], right[0], y[1], right[1]);
                        if (rows >= 4) window(1, y[2], right[2], y[3], right[3]);
                        continue;
                    }
                    finish(Isa::max(Isa::max(y[0], y[1]), Isa::max(right[0], right[1])), to);
                    if (rows < 4) continue;
                    finish(Isa::max(Isa::max(y[2], y[3]), Isa::max(right[2], right[3])), to + out_row);
                }
            } else {
                float* to = out + 4 * t * out_c + channel;
                for (std::size_t x = 0; x < across; ++x, to += out_c) {
                    Vector y[4];
                    column(x, y);
                    finish(y[0], to);
                    if (rows > 1) finish(y[1], to + out_row);
                    if (rows > 2) finish(y[2], to + 2 * out_row);
                    if (rows > 3) finish(y[3], to + 3 * out_row);
                }
            }
        }
    }
}

/// Whether that is the fastest way. Products then take about 1.6 times what their number says (weights come from the
/// second-level cache), transformations as long as 48 multiply-adds for each channel of a tile's inputs and outputs;
/// measured with AVX-512 and AVX2.
template <class Isa>
PELLUCID_INLINE bool winograd4_suits(const ConvSizes& s, const PackedWeights& packed) {
    if constexpr (Isa::winograd4_tiles == 0) return false;
    if (packed.winograd4.empty() || s.stride_h != 1 || s.stride_w != 1 || s.in_c % Isa::conv_unroll != 0) return false;
    const auto whole = [](std::size_t channels) { return (channels + Isa::width - 1) / Isa::width * Isa::width; };
    const std::size_t tiles = ((s.out_h + 3) / 4) * ((s.out_w + 3) / 4);
    const std::size_t in_c = whole(s.in_c);
    const std::size_t out_c = whole(s.out_c);
    return tiles >= 4 && s.out_h * s.out_w * in_c * out_c >= tiles * (7 * in_c * out_c + 48 * (in_c + out_c));
}

template <class Isa, bool Pool>
void conv_winograd4(const ConvSizes& s, const float* in, const PackedWeights& packed, const float* bias, float* out,
                    std::uint32_t* switches, bool relu) {
    const std::size_t tiles_h = (s.out_h + 3) / 4;
    const std::size_t tiles_w = (s.out_w + 3) / 4;
    const std::size_t rows = rows_per_chunk<Isa, Isa::winograd4_tiles>(tiles_h, tiles_w);
    const std::size_t tiles = rows * tiles_w;
    constexpr std::size_t group_channels = (Isa::conv_group > 3 ? Isa::conv_group : 3) * Isa::width;
    const std::size_t block_floats = s.in_c * pack_block;
    const std::size_t point_floats = (s.out_c + pack_block - 1) / pack_block * block_floats;
    const std::size_t in_step = tiles * s.in_c + pack_block;
    const std::size_t out_step = tiles * group_channels + pack_block;
    float* const memory = scratch(Scratch::winograd, 36 * in_step + 6 * out_step + 25 * tiles * group_channels +
                                                         (4 * tiles_w + 2) * 6 * Isa::width);
    float* const products = memory + 36 * in_step;
    float* const halves = products + 6 * out_step;
    float* const squares = halves + 24 * tiles * group_channels;
    float* const columns = squares + tiles * group_channels;
    WinogradChunk chunk{};
    chunk.tiles_w = tiles_w;
    chunk.in_c = s.in_c;
    chunk.out_c = s.out_c;
    chunk.points = memory;
    chunk.products = products;
    chunk.in_step = in_step;
    chunk.out_step = out_step;
    chunk.bias = bias;
    chunk.relu = relu;
    chunk.pool = {&s, in, packed.data.data(), switches};
    TileJob job{};
    job.run = s.in_c;
    job.in_step = s.in_c;
    job.weight_step = block_floats;
    job.last = Isa::width;
    const std::size_t out_row = (Pool ? s.out_w / 2 : s.out_w) * s.out_c;
    for (std::size_t first = 0; first < tiles_h; first += rows) {
        const std::size_t count = tiles_h - first < rows ? tiles_h - first : rows;
        chunk.tiles = count * tiles_w;
        winograd4_inputs<Isa>(s, in, chunk, first, count, columns);
        for_groups<Isa, Isa::conv_group>(
            s.out_c, [&](auto group, std::size_t channel, std::size_t) PELLUCID_INLINE_LAMBDA {
                constexpr std::size_t channels = decltype(group)::value * Isa::width;
                job.out_step = channels;
                const float* const weights =
                    packed.winograd4.data() + channel / pack_block * block_floats + channel % pack_block;
                if (switches != nullptr) clear<Isa>(squares, chunk.tiles * channels);
                for (std::size_t y = 0; y < 6; ++y) {
                    WinogradChunk row = chunk;
                    row.points = chunk.points + 6 * y * in_step;
                    job.weights = weights + 6 * y * point_floats;
                    job.out = products;
                    winograd_group<Isa, decltype(group)::value, 6>(row, job, point_floats);
                    winograd4_row<Isa>(chunk, channels, halves + y * channels, switches == nullptr ? nullptr : squares);
                }
                for (std::size_t r = 0; r < count; ++r) {
                    const std::size_t y = 4 * (first + r);
                    const std::size_t left = s.out_h - y;
                    winograd4_outputs<Isa, Pool>(chunk, halves + 24 * r * tiles_w * channels,
                                                 squares + r * tiles_w * channels, channels, channel, y,
                                                 left < 4 ? left : 4, s.out_w, out + (Pool ? y / 2 : y) * out_row);
                }
            });
    }
}

}  // namespace pellucid::simd
