/// The backward signal through a 2×2 max-pool and a K×K convolution (stride 1) with one input channel, in one step: the
/// input gradient of a first layer.
///
/// A pooled output (a cell) sends its signal to one of the four positions of its window, the one that held the maximum,
/// and from there to the K×K pixels around that position. Whichever position it is, these pixels lie in a window of (K
/// + 1)×(K + 1). The packed weights hold such a window for every channel and each of the four positions (pack_pooled).
/// So the channels of a cell, whatever their positions, are added up in registers, and the intermediate image, of four
/// times the size and three quarters 0, is never written.
///
/// From one cell to the next the window moves by two columns. The columns that both windows share stay in their
/// registers; only the windows of neighbouring rows of cells are added up in memory. Window and image are stored in
/// pairs of columns, and within a pair as squares of 2×2. Cost: (K + 1)² multiply-adds for every pooled value, instead
/// of 4·K² through the intermediate image.
#pragma once

#include "pellucid/simd/conv_sparse.hpp"

namespace pellucid::simd {

/// The window of the cell at hand, moving to the right along a row of cells.
template <class Isa, std::size_t K>
struct PooledRow {
    using Vector = typename Isa::Vector;
    static constexpr std::size_t width = Isa::width;
    static constexpr std::size_t window = pooled_window(K);
    static constexpr std::size_t vectors = window / width;
    static constexpr std::size_t pair = pooled_pair(K);  ///< floats of two columns
    // One sum alone would wait for the latency of its own multiply-adds.
    static constexpr std::size_t sums = vectors == 1 ? 4 : vectors <= 3 ? 2 : 1;
    static constexpr std::size_t unroll = Isa::unroll_taps && sums > 1 ? 8 : sums;

    Vector windows[vectors];  ///< of the cells so far, added up from the cell's first column on

    /// Adds the channels of a cell; `places`: which of the four windows, in floats.
    PELLUCID_INLINE void add(std::size_t channels, const float* values, const std::uint32_t* places,
                             const float* weights) {
        Vector acc[sums][vectors];
        repeat<vectors>([&]<std::size_t v>() PELLUCID_INLINE_LAMBDA {
            // The previous cell's sums are added at the end, so that a cell's multiply-adds need not wait for them.
            acc[0][v] = sums == 1 ? windows[v] : Isa::zero();
            repeat<sums - 1>([&]<std::size_t s>() PELLUCID_INLINE_LAMBDA { acc[s + 1][v] = Isa::zero(); });
        });
        const auto product = [&]<std::size_t s>() PELLUCID_INLINE_LAMBDA {
            const Vector value = Isa::splat(values[s]);
            const float* const w = weights + places[s];
            repeat<vectors>([&]<std::size_t v>() PELLUCID_INLINE_LAMBDA {
                Vector& sum = acc[s % sums][v];
                sum = Isa::multiply_add(value, Isa::load(w + s * 4 * window + v * width), sum);
            });
        };
        std::size_t left = channels;
        PELLUCID_ROLLED
        for (; left >= unroll; left -= unroll, values += unroll, places += unroll, weights += unroll * 4 * window) {
            repeat<unroll>(product);
        }
        PELLUCID_ROLLED
        for (; left > 0; --left, ++values, ++places, weights += 4 * window) product.template operator()<0>();
        repeat<vectors>([&]<std::size_t v>() PELLUCID_INLINE_LAMBDA {
            if constexpr (sums == 4) {
                windows[v] = windows[v] + ((acc[0][v] + acc[1][v]) + (acc[2][v] + acc[3][v]));
            } else if constexpr (sums == 2) {
                windows[v] = windows[v] + (acc[0][v] + acc[1][v]);
            } else {
                windows[v] = acc[0][v];
            }
        });
    }

    /// Adds the first two columns, which no later cell reaches, to `to`, and goes on to the next.
    PELLUCID_INLINE void next(float* to) {
        if constexpr (pair < width) {
            Isa::store_first(to, windows[0] + Isa::load_first(to, pair), pair);
            windows[0] = Isa::second_half(windows[0]);
        } else {
            constexpr std::size_t done = pair / width;
            repeat<done>([&]<std::size_t v>() PELLUCID_INLINE_LAMBDA {
                Isa::store(to + v * width, windows[v] + Isa::load(to + v * width));
            });
            repeat<vectors - done>([&]<std::size_t v>() PELLUCID_INLINE_LAMBDA { windows[v] = windows[v + done]; });
            repeat<done>([&]<std::size_t v>() PELLUCID_INLINE_LAMBDA { windows[vectors - done + v] = Isa::zero(); });
        }
    }
};

/// Where the windows of the places of a row of cells stand among a channel's four; `corner`: number of the first place.
template <class Isa>
PELLUCID_INLINE void list_places(std::size_t cells, std::size_t channels, const std::uint32_t* switches,
                                 std::size_t corner, std::size_t row, std::uint32_t window, std::uint32_t* to) {
    const auto index = [](std::size_t value)
                           PELLUCID_INLINE_LAMBDA { return Isa::index(static_cast<std::uint32_t>(value)); };
    const auto below = index(row), last = index(row + 1);
    for (std::size_t cell = 0; cell < cells; ++cell, corner += 2, switches += channels, to += channels) {
        const auto first = index(corner);
        for (std::size_t c = 0; c < channels; c += Isa::width) {
            const std::size_t lanes = channels - c < Isa::width ? channels - c : Isa::width;
            const auto at = load_lanes<Isa>(switches + c, lanes) - first;
            auto place = Isa::select(Isa::equal(at, last), index(3 * window), index(0));
            place = Isa::select(Isa::equal(at, below), index(2 * window), place);
            store_lanes<Isa>(to + c, Isa::select(Isa::equal(at, index(1)), index(window), place), lanes);
        }
    }
}

template <class Isa, std::size_t K>
PELLUCID_TILE void pooled_adjoint_of(const ConvSizes& s, const std::uint32_t* switches, const float* grad,
                                     const PackedWeights& packed, float* out) {
    using Row = PooledRow<Isa, K>;
    constexpr std::size_t over = (K - 1) / 2;  // pairs of columns and of rows that windows reach beyond the cells
    const std::size_t cells_h = s.in_h / 2;
    const std::size_t cells_w = s.in_w / 2;
    const std::size_t pairs = cells_w + over;
    const std::size_t line = 4 * (cells_h - 1) + Row::pair;  // floats of a pair of columns of the image
    float* const image = scratch(Scratch::rows, pairs * line);
    const float* const weights = packed.pooled.data();
    const std::size_t channels = s.in_c;
    auto* const places = reinterpret_cast<std::uint32_t*>(scratch(Scratch::sparse, cells_w * channels));
    clear<Isa>(image, pairs * line);
    for (std::size_t y = 0; y < cells_h; ++y, switches += cells_w * channels) {
        list_places<Isa>(cells_w, channels, switches, 2 * y * s.in_w, s.in_w, Row::window, places);
        Row sums;
        repeat<Row::vectors>([&]<std::size_t v>() PELLUCID_INLINE_LAMBDA { sums.windows[v] = Isa::zero(); });
        float* to = image + 4 * y;
        const std::uint32_t* place = places;
        for (std::size_t x = 0; x < cells_w; ++x, to += line, grad += channels, place += channels) {
            sums.add(channels, grad, place, weights);
            sums.next(to);
        }
        for (std::size_t x = 0; x < over; ++x, to += line) sums.next(to);
    }
    // Two pixels of a row stand together, then the two below them.
    const std::size_t top = K - 1 - s.pad_top;
    const std::size_t left = K - 1 - s.pad_left;
    for (std::size_t y = top; y < s.out_h + top; ++y, out += s.out_w) {
        const std::size_t known = y / 2 < cells_h + over ? 2 * pairs : 0;
        const float* const from = image + y / 2 * 4 + y % 2 * 2;
        std::size_t x = 0;
        const auto one = [&]() PELLUCID_INLINE_LAMBDA {
            const std::size_t column = x + left;
            out[x++] = column < known ? from[column / 2 * line + column % 2] : 0.0F;
        };
        while (x < left % 2 && x < s.out_w) one();
        const float* two = from + (x + left) / 2 * line;
        for (; x + 1 < s.out_w && x + left < known; x += 2, two += line) {
            out[x] = two[0];
            out[x + 1] = two[1];
        }
        while (x < s.out_w) one();
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
