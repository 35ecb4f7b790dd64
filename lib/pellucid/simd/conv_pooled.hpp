/// What a signal behind a 2×2 max-pool sends back through the pool and a K×K convolution (stride 1) to one channel.
///
/// Each pooled value went to one of four places, and from there to the K×K pixels around it: in all to a window of
/// (K + 1)×(K + 1). The weights are stored as such windows, one per channel and place, so that a cell's channels add up
/// in registers whatever their places, and no image of four times the size, nearly all of it 0, is ever written. From a
/// cell to the one below, windows move by two rows, which stay in their registers; only between columns do they overlap
/// in memory.
/// Cost: (K + 1)² multiply-adds for every pooled value, where the image of zeros takes 4·K².
#pragma once

#include "pellucid/simd/conv_sparse.hpp"

namespace pellucid::simd {

/// A column of cells on its way down.
template <class Isa, std::size_t K>
struct PooledColumn {
    using Vector = typename Isa::Vector;
    static constexpr std::size_t width = Isa::width;
    static constexpr std::size_t window = pooled_window(K);
    static constexpr std::size_t vectors = window / width;
    static constexpr std::size_t pair = 2 * pooled_row(K);  ///< floats of two rows
    static constexpr std::size_t sums = vectors == 1 ? 4 : vectors <= 3 ? 2 : 1;  // one alone would wait for itself

    Vector rows[vectors];  ///< of the windows so far, from the cell's first row on

    /// Adds the channels of a cell; `places`: which of the four windows, in floats.
    PELLUCID_INLINE void add(std::size_t channels, const float* values, const std::uint32_t* places,
                             const float* weights) {
        Vector acc[sums][vectors];
        repeat<vectors>([&]<std::size_t v>() PELLUCID_INLINE_LAMBDA {
            acc[0][v] = rows[v];
            repeat<sums - 1>([&]<std::size_t s>() PELLUCID_INLINE_LAMBDA { acc[s + 1][v] = Isa::zero(); });
        });
        const auto product = [&]<std::size_t s>() PELLUCID_INLINE_LAMBDA {
            const Vector value = Isa::splat(values[s]);
            const float* const w = weights + places[s];
            repeat<vectors>([&]<std::size_t v>() PELLUCID_INLINE_LAMBDA {
                acc[s][v] = Isa::multiply_add(value, Isa::load(w + s * 4 * window + v * width), acc[s][v]);
            });
        };
        std::size_t left = channels;
        PELLUCID_ROLLED
        for (; left >= sums; left -= sums, values += sums, places += sums, weights += sums * 4 * window) {
            repeat<sums>(product);
        }
        PELLUCID_ROLLED
        for (; left > 0; --left, ++values, ++places, weights += 4 * window) product.template operator()<0>();
        repeat<vectors>([&]<std::size_t v>() PELLUCID_INLINE_LAMBDA {
            rows[v] = acc[0][v];
            repeat<sums - 1>([&]<std::size_t s>() PELLUCID_INLINE_LAMBDA { rows[v] = rows[v] + acc[s + 1][v]; });
        });
    }

    /// Writes the first two rows, which no cell below reaches, and goes on to the next. May write a vector.
    PELLUCID_INLINE void next(float* to) {
        if constexpr (pair < width) {
            Isa::store(to, rows[0]);
            rows[0] = Isa::second_half(rows[0]);
        } else {
            constexpr std::size_t done = pair / width;
            repeat<done>([&]<std::size_t v>() PELLUCID_INLINE_LAMBDA { Isa::store(to + v * width, rows[v]); });
            repeat<vectors - done>([&]<std::size_t v>() PELLUCID_INLINE_LAMBDA { rows[v] = rows[v + done]; });
            repeat<done>([&]<std::size_t v>() PELLUCID_INLINE_LAMBDA { rows[vectors - done + v] = Isa::zero(); });
        }
    }
};

/// Where the windows of a cell's places stand among a channel's four; `corner`: number of the cell's first place.
template <class Isa>
PELLUCID_INLINE void list_places(std::size_t channels, const std::uint32_t* switches, std::size_t corner,
                                 std::size_t row, std::uint32_t window, std::uint32_t* to) {
    for (std::size_t c = 0; c < channels; c += Isa::width) {
        const std::size_t lanes = channels - c < Isa::width ? channels - c : Isa::width;
        const auto at = load_lanes<Isa>(switches + c, lanes);
        const auto where = [&](std::size_t number, std::uint32_t place, const auto& other) PELLUCID_INLINE_LAMBDA {
            const auto same = Isa::equal(at, Isa::index(static_cast<std::uint32_t>(number)));
            return Isa::select(same, Isa::index(place * window), other);
        };
        const auto below = where(corner + row, 2, where(corner + row + 1, 3, Isa::index(0)));
        store_lanes<Isa>(to + c, where(corner + 1, 1, below), lanes);
    }
}

template <class Isa, std::size_t K>
PELLUCID_TILE void pooled_adjoint_of(const ConvSizes& s, const std::uint32_t* switches, const float* grad,
                                     const PackedWeights& packed, float* out) {
    using Column = PooledColumn<Isa, K>;
    constexpr std::size_t pair = Column::pair;
    constexpr std::size_t over = (K - 1) / 2;  // pairs of rows and of columns that windows reach beyond the cells
    const std::size_t cells_h = s.in_h / 2;
    const std::size_t cells_w = s.in_w / 2;
    const std::size_t pairs = cells_h + over;
    const std::size_t step = pairs * pair;
    const std::size_t margin = over * step;  // columns without cells on both sides
    const std::size_t line = 2 * (cells_w + over);
    float* const memory = scratch(Scratch::rows, cells_w * step + 2 * margin + pack_block + line);
    auto* const places = reinterpret_cast<std::uint32_t*>(scratch(Scratch::sparse, cells_h * s.in_c));
    float* to = memory + margin;
    for (std::size_t i = 0; i < margin; ++i) memory[i] = 0.0F;
    for (std::size_t x = 0; x < cells_w; ++x) {
        Column column;
        repeat<Column::vectors>([&]<std::size_t v>() PELLUCID_INLINE_LAMBDA { column.rows[v] = Isa::zero(); });
        for (std::size_t y = 0; y < cells_h; ++y) {
            list_places<Isa>(s.in_c, switches + (y * cells_w + x) * s.in_c, 2 * (y * s.in_w + x), s.in_w,
                             Column::window, places + y * s.in_c);
        }
        for (std::size_t y = 0; y < pairs; ++y, to += pair) {
            if (y < cells_h) {
                const float* const values = grad + (y * cells_w + x) * s.in_c;
                column.add(s.in_c, values, places + y * s.in_c, packed.pooled.data());
            }
            column.next(to);
        }
    }
    for (std::size_t i = 0; i < margin; ++i) to[i] = 0.0F;
    // Two pixels of a row: a pair of each of the columns that reach them.
    float* const pixels = to + margin + pack_block;
    const std::size_t top = K - 1 - s.pad_top;
    const std::size_t left = K - 1 - s.pad_left;
    for (std::size_t y = 0; y < s.out_h; ++y, out += s.out_w) {
        const std::size_t row = y + top;
        const std::size_t known = row / 2 < pairs ? line : 0;
        const float* from = memory + margin + row / 2 * pair + row % 2 * pooled_row(K);
        for (std::size_t x = 0; x < known; x += 2, from += step) {
            float sums[2] = {from[0], from[1]};
            repeat<over>([&]<std::size_t back>() PELLUCID_INLINE_LAMBDA {
                const float* const other = from - (back + 1) * step + 2 * (back + 1);
                sums[0] += other[0];
                sums[1] += other[1];
            });
            pixels[x] = sums[0];
            pixels[x + 1] = sums[1];
        }
        for (std::size_t x = 0; x < s.out_w; ++x) out[x] = x + left < known ? pixels[x + left] : 0.0F;
    }
}

template <class Isa>
void pooled_adjoint(const ConvSizes& s, const std::uint32_t* switches, const float* grad, const PackedWeights& packed,
                    float* out) {
    assert(s.stride_h == 1 && s.stride_w == 1 && s.pad_top < s.kernel_h && s.pad_left < s.kernel_w);
    if (packed.pooled.empty()) {
        assert(marks_suit(s, packed));
        return conv_cells<Isa>(s, switches, grad, packed, out);
    }
    (s.kernel_h == 3 ? pooled_adjoint_of<Isa, 3> : pooled_adjoint_of<Isa, 5>)(s, switches, grad, packed, out);
}

}  // namespace pellucid::simd
