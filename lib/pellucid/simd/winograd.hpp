/// 3×3 convolution with stride 1 in Winograd's form F(2×2, 3×3): 16 multiplications for 4 outputs instead of 36.
///
/// For each tile of 2×2 outputs, from the 4×4 inputs d under it:
///   y = Aᵀ [ Σ_i (G w G^T) ⊙ (Bᵀ d B) ] A
///   Bᵀ = (1 0 −1 0; 0 1 1 0; 0 −1 1 0; 0 1 0 −1), Aᵀ = (1 1 1 0; 0 1 −1 −1), G = (1 0 0; ½ ½ ½; ½ −½ ½; 0 0 1).
/// The sums over input channels are 16 matrix products (tiles × in_c)·(in_c × out_c), one for each of the 16 points.
/// Rounding is that of sums over the tile rather than over the window: a few times that of the direct form. Where an
/// output's own inputs are all 0 it is the bias exactly, and neighbours in a row or a column of a tile are equal where
/// their inputs are: all that they do not share is differences of equal numbers. Weights come transformed
/// (pack_winograd).
/// Paper: Lavin and Gray, Fast Algorithms for Convolutional Neural Networks, 2016.
#pragma once

#include "pellucid/simd/conv_rows.hpp"
#include "pellucid/simd/scratch.hpp"
#include "pellucid/simd/winograd_pool.hpp"

namespace pellucid::simd {

/// What the steps of one chunk of tiles share; a chunk is some whole rows of tiles.
struct WinogradChunk {
    std::size_t tiles;    ///< in the chunk
    std::size_t tiles_w;  ///< in a row
    std::size_t in_c, out_c;
    const float* image;     ///< padded, first row of the chunk
    std::size_t image_row;  ///< floats of an image row
    float* points;          ///< [16][in_step], transformed inputs (tiles, in_c)
    float* products;        ///< [16][out_step], (tiles, out_c)
    std::size_t in_step, out_step;
    const float* bias;
    bool relu;
    PoolSource pool;  ///< for places of maxima
};

/// Rows of tiles in a chunk of at most `most` tiles, or of one row; chunks are nearly equal.
template <class Isa, std::size_t most>
PELLUCID_INLINE std::size_t rows_per_chunk(std::size_t tiles_h, std::size_t tiles_w) {
    const std::size_t fitting = most > tiles_w ? most / tiles_w : 1;
    const std::size_t chunks = (tiles_h + fitting - 1) / fitting;
    return (tiles_h + chunks - 1) / chunks;
}

/// Channels that fill no vector take the transformation a second time, which is not worth its code where that must be
/// small (WebAssembly) and a vector has four.
template <class Isa>
inline constexpr bool winograd_any_channels = Isa::unroll_taps;

/// Bᵀ d B for all tiles of a chunk.
template <class Isa>
PELLUCID_TILE void winograd_inputs(const WinogradChunk& chunk) {
    using Vector = typename Isa::Vector;
    const std::size_t in_c = chunk.in_c;
    const std::size_t point = chunk.in_step;
    const auto transform = [&](const float* corner, float* to, std::size_t lanes) PELLUCID_INLINE_LAMBDA {
        const auto row = [&](std::size_t first, std::size_t second, std::size_t y,
                             auto combine) PELLUCID_INLINE_LAMBDA {
            const float* a = corner + first * chunk.image_row;
            const float* b = corner + second * chunk.image_row;
            Vector r[4];
            repeat<4>([&]<std::size_t x>() PELLUCID_INLINE_LAMBDA {
                r[x] = combine(load_lanes<Isa>(a + x * in_c, lanes), load_lanes<Isa>(b + x * in_c, lanes));
            });
            float* p = to + 4 * y * point;
            store_lanes<Isa>(p, Vector(r[0] - r[2]), lanes);
            store_lanes<Isa>(p + point, Vector(r[1] + r[2]), lanes);
            store_lanes<Isa>(p + 2 * point, Vector(r[2] - r[1]), lanes);
            store_lanes<Isa>(p + 3 * point, Vector(r[1] - r[3]), lanes);
        };
        const auto minus = [](const Vector& a, const Vector& b) { return Vector(a - b); };
        const auto plus = [](const Vector& a, const Vector& b) { return Vector(a + b); };
        row(0, 2, 0, minus);
        row(1, 2, 1, plus);
        row(2, 1, 2, minus);
        row(1, 3, 3, minus);
    };
    float* to = chunk.points;
    for (std::size_t first = 0; first < chunk.tiles; first += chunk.tiles_w) {
        const float* corner = chunk.image + first / chunk.tiles_w * 2 * chunk.image_row;
        for (std::size_t t = 0; t < chunk.tiles_w; ++t, corner += 2 * in_c, to += in_c) {
            std::size_t c = 0;
            for (; c + Isa::width <= in_c; c += Isa::width) transform(corner + c, to + c, Isa::width);
            if constexpr (winograd_any_channels<Isa>) {
                if (c < in_c) transform(corner + c, to + c, in_c - c);
            }
        }
    }
}

/// The products (tiles × in_c)·(in_c × V vectors) of some points of a chunk, P tiles at a time. The last P tiles may
/// overlap those before: they are computed twice rather than by a shorter tile.
template <class Isa, std::size_t P, std::size_t V, std::size_t Points>
PELLUCID_TILE void winograd_products(const WinogradChunk& chunk, const TileJob& group, std::size_t point_floats) {
    const TileJob job = group;
    const std::size_t last_start = chunk.tiles - P;
    PELLUCID_ROLLED
    for (std::size_t point = 0; point < Points; ++point) {
        const float* in = chunk.points + point * chunk.in_step;
        const float* weights = job.weights + point * point_floats;
        float* out = job.out + point * chunk.out_step;
        for (std::size_t t = 0;; t = t + P < last_start ? t + P : last_start) {
            TileSums<Isa, P, V> sums;
            sums.clear();
            sums.template add<0, P, Isa::conv_unroll>(in + t * job.in_step, weights, job.run, job);
            sums.store(out + t * job.out_step, job);
            if (t == last_start) break;
        }
    }
}

/// Takes the number of tiles at a time that wastes least: the largest, about half of it, or four.
template <class Isa, std::size_t V, std::size_t Points>
PELLUCID_INLINE void winograd_group(const WinogradChunk& chunk, const TileJob& job, std::size_t point_floats) {
    constexpr std::size_t most = Isa::template conv_positions<V>;
    const auto cost = [&chunk](std::size_t p) {
        // Beside its sums a tile costs about as much as two more positions.
        return p > chunk.tiles ? ~std::size_t{0} : (chunk.tiles + p - 1) / p * (p + 2);
    };
    const auto go = [&](auto positions) PELLUCID_INLINE_LAMBDA {
        winograd_products<Isa, decltype(positions)::value, V, Points>(chunk, job, point_floats);
    };
    constexpr std::size_t half = (most + 1) / 2;
    constexpr std::size_t few = most < 4 ? most : 4;
    if (cost(most) <= cost(half + 1) && cost(most) <= cost(half) && cost(most) <= cost(few)) {
        go(std::integral_constant<std::size_t, most>{});
    } else if (cost(half + 1) <= cost(half) && cost(half + 1) <= cost(few)) {
        go(std::integral_constant<std::size_t, half + 1>{});
    } else if (cost(half) <= cost(few)) {
        go(std::integral_constant<std::size_t, half>{});
    } else {
        go(std::integral_constant<std::size_t, few>{});
    }
}

/// Aᵀ m A, bias and ReLU for one row of tiles to two rows of `out`, or to one row of maxima where Pool. `tile_row`
/// counts from the chunk's first, `y` from the image's; `rows` and `columns` say how much of the outputs there is.
template <class Isa, bool Pool>
PELLUCID_TILE void winograd_outputs(const WinogradChunk& chunk, std::size_t tile_row, std::size_t y, std::size_t rows,
                                    std::size_t columns, float* out) {
    using Vector = typename Isa::Vector;
    const std::size_t out_c = chunk.out_c;
    const std::size_t point = chunk.out_step;
    const std::size_t tiles_w = chunk.tiles_w;
    const std::size_t out_row = columns * out_c;
    for (std::size_t c = 0; c < out_c; c += Isa::width) {
        const std::size_t lanes = out_c - c < Isa::width ? out_c - c : Isa::width;
        const Vector bias = chunk.bias == nullptr ? Isa::zero() : load_lanes<Isa>(chunk.bias + c, lanes);
        const float* from = chunk.products + tile_row * tiles_w * out_c + c;
        for (std::size_t t = 0; t < tiles_w; ++t, from += out_c) {
            // Column sums first: upper[x] = m[0][x] + m[1][x] + m[2][x], lower[x] = m[1][x] − m[2][x] − m[3][x].
            Vector upper[4];
            Vector lower[4];
            Vector squares[4];
            repeat<4>([&]<std::size_t x>() PELLUCID_INLINE_LAMBDA {
                const float* m = from + x * point;
                const Vector m0 = load_lanes<Isa>(m, lanes);
                const Vector m1 = load_lanes<Isa>(m + 4 * point, lanes);
                const Vector m2 = load_lanes<Isa>(m + 8 * point, lanes);
                const Vector m3 = load_lanes<Isa>(m + 12 * point, lanes);
                upper[x] = m0 + (m1 + m2);
                lower[x] = (m1 - m2) - m3;
                if constexpr (Pool && Isa::winograd_places) {
                    squares[x] = Isa::multiply_add(m0, m0, m1 * m1) + Isa::multiply_add(m2, m2, m3 * m3);
                }
            });
            Vector z[4] = {bias + (upper[0] + (upper[1] + upper[2])), bias + ((upper[1] - upper[2]) - upper[3]),
                           bias + (lower[0] + (lower[1] + lower[2])), bias + ((lower[1] - lower[2]) - lower[3])};
            const auto rectify = [&](Vector& v) PELLUCID_INLINE_LAMBDA {
                if (chunk.relu) v = Isa::max(v, Isa::zero());
            };
            if constexpr (Pool) {
                float* const to = out + t * out_c + c;
                if (Isa::winograd_places && chunk.pool.switches != nullptr) {
                    repeat<4>([&]<std::size_t i>() PELLUCID_INLINE_LAMBDA { rectify(z[i]); });
                    const PoolWindow<Isa, true> window{chunk.pool, y, t, c, lanes, bias, chunk.relu};
                    window.finish((squares[0] + squares[1]) + (squares[2] + squares[3]), z, to);
                    continue;
                }
                Vector most = Isa::max(Isa::max(z[0], z[1]), Isa::max(z[2], z[3]));
                rectify(most);
                store_lanes<Isa>(to, most, lanes);
            } else {
                repeat<4>([&]<std::size_t i>() PELLUCID_INLINE_LAMBDA { rectify(z[i]); });
                float* to = out + 2 * t * out_c + c;
                const bool second = 2 * t + 1 < columns;
                store_lanes<Isa>(to, z[0], lanes);
                if (second) store_lanes<Isa>(to + out_c, z[1], lanes);
                if (rows > 1) {
                    store_lanes<Isa>(to + out_row, z[2], lanes);
                    if (second) store_lanes<Isa>(to + out_row + out_c, z[3], lanes);
                }
            }
        }
    }
}

template <class Isa, bool Pool>
PELLUCID_INLINE bool winograd_suits(const ConvSizes& s, const PackedWeights& packed) {
    if (packed.winograd.empty() || !(Pool || Isa::winograd_unpooled)) return false;
    if (s.in_c % (winograd_any_channels<Isa> ? Isa::conv_unroll : Isa::width) != 0) return false;
    return s.stride_h == 1 && s.stride_w == 1 && s.out_h >= 4 && s.out_w >= 4;
}

/// `image` holds 2·tiles + 2 rows and columns at least (see tried_winograd in conv.hpp). switches may be null.
template <class Isa, bool Pool>
void conv_winograd(const ConvSizes& s, const float* image, const PackedWeights& packed, const float* bias, float* out,
                   std::uint32_t* switches, bool relu) {
    const std::size_t tiles_h = Pool ? s.out_h / 2 : (s.out_h + 1) / 2;
    const std::size_t tiles_w = Pool ? s.out_w / 2 : (s.out_w + 1) / 2;
    const std::size_t rows = rows_per_chunk<Isa, Isa::winograd_tiles>(tiles_h, tiles_w);
    const std::size_t tiles = rows * tiles_w;
    const std::size_t block_floats = s.in_c * pack_block;
    const std::size_t point_floats = (s.out_c + pack_block - 1) / pack_block * block_floats;
    float* const memory = scratch(Scratch::winograd, 16 * (tiles * (s.in_c + s.out_c) + 2 * pack_block));
    WinogradChunk chunk{};
    chunk.tiles_w = tiles_w;
    chunk.in_c = s.in_c;
    chunk.out_c = s.out_c;
    chunk.image_row = s.in_w * s.in_c;
    chunk.points = memory;
    chunk.bias = bias;
    chunk.relu = relu;
    chunk.pool = {&s, image, packed.data.data(), switches};
    TileJob job{};
    job.run = s.in_c;
    job.in_step = s.in_c;
    job.out_step = s.out_c;
    job.weight_step = block_floats;
    for (std::size_t first = 0; first < tiles_h; first += rows) {
        const std::size_t count = tiles_h - first < rows ? tiles_h - first : rows;
        chunk.tiles = count * tiles_w;
        // Not a power of two apart: the 16 places that are written together would meet in a few sets of the cache.
        chunk.in_step = chunk.tiles * s.in_c + pack_block;
        chunk.out_step = chunk.tiles * s.out_c + pack_block;
        chunk.products = memory + 16 * chunk.in_step;
        chunk.image = image + first * 2 * chunk.image_row;
        winograd_inputs<Isa>(chunk);
        for_groups<Isa, Isa::conv_group>(
            s.out_c, [&](auto group, std::size_t channel, std::size_t last) PELLUCID_INLINE_LAMBDA {
                job.out = chunk.products + channel;
                job.weights = packed.winograd.data() + channel / pack_block * block_floats + channel % pack_block;
                job.last = last;
                winograd_group<Isa, decltype(group)::value, 16>(chunk, job, point_floats);
            });
        for (std::size_t r = 0; r < count; ++r) {
            const std::size_t y = first + r;
            const std::size_t rows_left = s.out_h - 2 * y;
            float* const to = out + (Pool ? y : 2 * y) * (Pool ? tiles_w : s.out_w) * s.out_c;
            winograd_outputs<Isa, Pool>(chunk, r, y, rows_left < 2 ? rows_left : 2, s.out_w, to);
        }
    }
}

}  // namespace pellucid::simd
