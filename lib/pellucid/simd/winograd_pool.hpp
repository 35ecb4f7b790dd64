/// The 2×2 max-pool behind the fast 3×3 convolution, with the places of its maxima: those of the direct sums.
///
/// Where an image is flat, neighbouring outputs sum the same inputs: in the direct form they are equal, and the first
/// one counts. They are in the fast form, too, along rows and columns (winograd.hpp), but on a tile's two diagonals
/// rounding would decide. So where maxima differ by no more than rounding might, the direct form is asked.
#pragma once

#include "pellucid/simd/conv_rows.hpp"
#include "pellucid/simd/pool.hpp"

namespace pellucid::simd {

/// What may be rounding, as a part of the products: a hundred times what it mostly is.
inline constexpr float winograd_near = 1e-5F;

/// The convolution before the pool.
struct PoolSource {
    const ConvSizes* sizes;
    const float* image;
    const float* weights;     ///< as the direct form reads them
    std::uint32_t* switches;  ///< null = not asked for
};

/// One window of a pool: its four outputs in reading order, for one vector of channels. `equal`: whether the form makes
/// sums of equal inputs equal in rows and columns; those need not be asked for.
template <class Isa, bool equal>
struct PoolWindow {
    using Vector = typename Isa::Vector;

    const PoolSource& source;
    std::size_t y, x;  ///< of the window among the pool's
    std::size_t channel, lanes;
    const Vector& bias;
    bool relu;

    /// `squares`: those of the products that the outputs are made of, summed; z: with bias, where `equal` with ReLU.
    PELLUCID_INLINE void finish(const Vector& squares, Vector (&z)[4], float* out) const {
        const Vector top = Isa::max(z[0], z[1]), bottom = Isa::max(z[2], z[3]);
        const Vector most = Isa::max(top, bottom);
        const Vector rounding = Isa::splat(winograd_near) * Isa::square_root(squares);
        const Vector least = most - rounding;
        bool asked = false;
        if constexpr (equal) {
            const auto close = [&](const Vector& other)
                                   PELLUCID_INLINE_LAMBDA { return (other > least) & (other < most); };
            asked = Isa::any((close(z[0]) | close(z[1])) | (close(z[2]) | close(z[3])));
        } else {
            const Vector smaller = Isa::max(Isa::min(z[0], z[1]), Isa::min(z[2], z[3]));
            const auto close = Isa::max(smaller, Isa::min(top, bottom)) > least;
            // Nor may rounding decide whether a ReLU opens.
            asked = Isa::any(relu ? ((most < rounding) | close) & (most > Isa::zero() - rounding) : close);
        }
        if (asked) {
            Vector again[4];  // other variables, so that the outputs stay in registers where this does not happen
            directly(again);
            repeat<4>([&]<std::size_t i>() PELLUCID_INLINE_LAMBDA { z[i] = Isa::copy(again[i]); });
        }
        if (!equal && relu) {
            repeat<4>([&]<std::size_t i>() PELLUCID_INLINE_LAMBDA { z[i] = Isa::max(z[i], Isa::zero()); });
        }
        const std::size_t row = source.sizes->out_w;
        const Largest<Isa> best = largest_of<Isa>(z, 2 * (y * row + x), row);
        store_lanes<Isa>(out, best.value, lanes);
        store_lanes<Isa>(source.switches + (y * (row / 2) + x) * source.sizes->out_c + channel, best.place, lanes);
    }

private:
    PELLUCID_TILE void directly(Vector (&z)[4]) const {
        const ConvSizes& s = *source.sizes;
        const float nothing[1] = {};
        const float* weights = source.weights + channel / pack_block * 9 * s.in_c * pack_block + channel % pack_block;
        repeat<4>([&]<std::size_t i>() PELLUCID_INLINE_LAMBDA { z[i] = bias; });
        for (std::size_t tap = 0; tap < 9; ++tap) {
            const float* in[4];
            std::size_t step[4];
            for (std::size_t i = 0; i < 4; ++i) {
                // Before the image: beyond every height and width.
                const std::size_t row = 2 * y + i / 2 + tap / 3 - s.pad_top;
                const std::size_t column = 2 * x + i % 2 + tap % 3 - s.pad_left;
                const bool inside = row < s.in_h && column < s.in_w;
                in[i] = inside ? source.image + (row * s.in_w + column) * s.in_c : nothing;
                step[i] = inside ? 1 : 0;
            }
            PELLUCID_ROLLED
            for (std::size_t c = 0; c < s.in_c; ++c, weights += pack_block) {
                const Vector w = Isa::load(weights);
                repeat<4>([&]<std::size_t i>() PELLUCID_INLINE_LAMBDA {
                    z[i] = Isa::multiply_add(Isa::splat(in[i][c * step[i]]), w, z[i]);
                });
            }
        }
        if (relu) repeat<4>([&]<std::size_t i>() PELLUCID_INLINE_LAMBDA { z[i] = Isa::max(z[i], Isa::zero()); });
    }
};

}  // namespace pellucid::simd
