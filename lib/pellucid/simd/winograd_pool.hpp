/// The 2×2 max-pool behind the fast 3×3 convolution, with the places of its maxima: those of the direct sums.
///
/// Where an image is flat, neighbouring outputs sum the same inputs: in the direct form they are equal, and the first
/// one counts. They are in the fast form, too, along rows and columns (winograd.hpp), but on a tile's two diagonals
/// rounding would decide. So where maxima differ by no more than rounding might, the direct form is asked.
#pragma once

#include "pellucid/simd/conv_rows.hpp"
#include "pellucid/simd/pool.hpp"

namespace pellucid::simd {

/// What may be rounding, as a part of the sums: a hundred times what it mostly is.
inline constexpr float winograd_near = 1e-5F;

/// The convolution before the pool; its image holds all that the outputs read.
struct PoolSource {
    const ConvSizes* sizes;
    const float* image;
    const float* weights;  ///< as the direct form reads them
    std::uint32_t* switches;  ///< null = not asked for
};

/// One window of a pool: its four outputs in reading order, for one vector of channels.
template <class Isa>
struct PoolWindow {
    using Vector = typename Isa::Vector;

    const PoolSource& source;
    std::size_t y, x;  ///< of the window among the pool's
    std::size_t channel, lanes;
    const Vector& bias;
    bool relu;

    /// `size`: magnitude of the sums that the outputs are made of; z: with bias and ReLU.
    PELLUCID_INLINE void finish(const Vector& size, Vector (&z)[4], float* out) const {
        const Vector most = Isa::max(Isa::max(z[0], z[1]), Isa::max(z[2], z[3]));
        const Vector least = most - Isa::splat(winograd_near) * size;
        const auto close = [&](const Vector& other) PELLUCID_INLINE_LAMBDA {
            return (other > least) & (other < most);
        };
        if (Isa::any((close(z[0]) | close(z[1])) | (close(z[2]) | close(z[3])))) {
            Vector again[4];  // other variables, so that the outputs stay in registers where this does not happen
            directly(again);
            repeat<4>([&]<std::size_t i>() PELLUCID_INLINE_LAMBDA { z[i] = Isa::copy(again[i]); });
        }
        const std::size_t row = source.sizes->out_w;
        const Largest<Isa> best = largest_of<Isa>(z, 2 * (y * row + x), row);
        store_lanes<Isa>(out, best.value, lanes);
        store_lanes<Isa>(source.switches + (y * (row / 2) + x) * source.sizes->out_c + channel, best.place, lanes);
    }

private:
    PELLUCID_TILE void directly(Vector (&z)[4]) const {
        const ConvSizes& s = *source.sizes;
        const std::size_t row = s.in_w * s.in_c;
        const float* weights = source.weights + channel / pack_block * 9 * s.in_c * pack_block + channel % pack_block;
        repeat<4>([&]<std::size_t i>() PELLUCID_INLINE_LAMBDA { z[i] = bias; });
        for (std::size_t ky = 0; ky < 3; ++ky) {
            const float* const in = source.image + (2 * y + ky) * row + 2 * x * s.in_c;
            PELLUCID_ROLLED
            for (std::size_t i = 0; i < 3 * s.in_c; ++i, weights += pack_block) {
                const Vector w = Isa::load(weights);
                z[0] = Isa::multiply_add(Isa::splat(in[i]), w, z[0]);
                z[1] = Isa::multiply_add(Isa::splat(in[i + s.in_c]), w, z[1]);
                z[2] = Isa::multiply_add(Isa::splat(in[i + row]), w, z[2]);
                z[3] = Isa::multiply_add(Isa::splat(in[i + row + s.in_c]), w, z[3]);
            }
        }
        if (relu) repeat<4>([&]<std::size_t i>() PELLUCID_INLINE_LAMBDA { z[i] = Isa::max(z[i], Isa::zero()); });
    }
};

}  // namespace pellucid::simd
