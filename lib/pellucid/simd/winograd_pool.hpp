/// The 2×2 max-pool behind a fast 3×3 convolution, with the places of its maxima: those of the direct sums.
///
/// Where an image is flat, neighbouring outputs sum the same inputs: in the direct form they are equal, and the first
/// one counts. In the fast forms rounding depends on an output's place in its tile and would decide. So where maxima
/// differ by no more than rounding might, outputs of the same inputs are made the same, and what is open even then is
/// computed in the direct form; likewise where rounding would decide whether anything comes through a ReLU.
#pragma once

#include "pellucid/simd/conv_rows.hpp"

namespace pellucid::simd {

/// What may be rounding, as a part of the sums: a hundred times what it mostly is.
inline constexpr float winograd_near = 1e-5F;

/// The convolution before the pool.
struct PoolSource {
    const ConvSizes* sizes;
    const float* image;
    const float* weights;  ///< as the direct form reads them
    const float* bias;
    std::uint32_t* switches;  ///< null = not asked for
    bool relu;
};

/// A pixel of the padded image, null outside the stored one.
template <class Isa>
PELLUCID_INLINE const float* pixel(const PoolSource& source, std::size_t y, std::size_t x) {
    const ConvSizes& s = *source.sizes;
    y -= s.pad_top;  // above the image: beyond every height
    x -= s.pad_left;
    return y < s.in_h && x < s.in_w ? source.image + (y * s.in_w + x) * s.in_c : nullptr;
}

/// One window of a pool: its four outputs in reading order, for one vector of channels after the other.
template <class Isa>
struct PoolWindow {
    using Vector = typename Isa::Vector;

    const PoolSource& source;
    std::size_t y, x;  ///< of the window among the pool's
    bool compared = false;
    std::size_t twin[4] = {0, 1, 2, 3};  ///< for each output an earlier one with the same inputs, or itself

    /// `size`: magnitude of the sums that the whole tile's outputs are made of; z: with bias and ReLU.
    PELLUCID_INLINE void finish(const Vector& size, std::size_t channel, std::size_t lanes, Vector (&z)[4], float* out) {
        const Vector near = Isa::splat(winograd_near) * size;
        if (Isa::any(open(near, z))) {
            Vector again[4];  // a copy, so that the outputs stay in registers where this does not happen
            repeat<4>([&]<std::size_t i>() PELLUCID_INLINE_LAMBDA { again[i] = Isa::copy(z[i]); });
            settle(near, channel, lanes, again);
            repeat<4>([&]<std::size_t i>() PELLUCID_INLINE_LAMBDA { z[i] = Isa::copy(again[i]); });
        }
        const std::size_t row = source.sizes->out_w;
        const std::size_t corner = 2 * (y * row + x);
        Vector best = z[0];
        auto place = Isa::index(static_cast<std::uint32_t>(corner));
        repeat<3>([&]<std::size_t i>() PELLUCID_INLINE_LAMBDA {
            const auto here = static_cast<std::uint32_t>(corner + (i + 1) / 2 * row + (i + 1) % 2);
            place = Isa::select(z[i + 1] > best, Isa::index(here), place);
            best = Isa::max(best, z[i + 1]);
        });
        store_lanes<Isa>(out, best, lanes);
        store_lanes<Isa>(source.switches + (y * (row / 2) + x) * source.sizes->out_c + channel, place, lanes);
    }

private:
    /// Where rounding would decide.
    PELLUCID_INLINE auto open(const Vector& near, const Vector (&z)[4]) const {
        const Vector best = Isa::max(Isa::max(z[0], z[1]), Isa::max(z[2], z[3]));
        const Vector least = best - near;
        const auto close = [&](const Vector& other) PELLUCID_INLINE_LAMBDA {
            return (other > least) & (other < best);
        };
        const auto between = (close(z[0]) | close(z[1])) | (close(z[2]) | close(z[3]));
        return source.relu ? between | close(Isa::zero()) : between;
    }

    /// Finds the twins: of the 4×4 inputs under the window, which rows, columns and diagonals are of equal pixels.
    PELLUCID_TILE void compare() {
        const std::size_t channels = source.sizes->in_c;
        const float* in[16];
        for (std::size_t i = 0; i < 16; ++i) in[i] = pixel<Isa>(source, 2 * y + i / 4, 2 * x + i % 4);
        std::uint32_t differ[6] = {};  // bits: outputs 0 and 1, 2 and 3, 0 and 2, 1 and 3, 0 and 3, 1 and 2
        for (std::size_t c = 0; c < channels; c += Isa::width) {
            const std::size_t lanes = channels - c < Isa::width ? channels - c : Isa::width;
            Vector d[16];
            repeat<16>([&]<std::size_t i>() PELLUCID_INLINE_LAMBDA {
                d[i] = in[i] == nullptr ? Isa::zero() : load_lanes<Isa>(in[i] + c, lanes);
            });
            repeat<9>([&]<std::size_t tap>() PELLUCID_INLINE_LAMBDA {
                constexpr std::size_t at = tap / 3 * 4 + tap % 3;
                const auto unlike = [&](std::size_t i, std::size_t j) PELLUCID_INLINE_LAMBDA {
                    return Isa::bits(d[at + i] != d[at + j]);
                };
                differ[0] |= unlike(0, 1);
                differ[1] |= unlike(4, 5);
                differ[2] |= unlike(0, 4);
                differ[3] |= unlike(1, 5);
                differ[4] |= unlike(0, 5);
                differ[5] |= unlike(1, 4);
            });
        }
        if (differ[0] == 0) twin[1] = 0;
        if (differ[2] == 0) twin[2] = 0;
        else if (differ[5] == 0) twin[2] = twin[1];
        if (differ[4] == 0) twin[3] = 0;
        else if (differ[3] == 0) twin[3] = twin[1];
        else if (differ[1] == 0) twin[3] = twin[2];
        compared = true;
    }

    PELLUCID_TILE void settle(const Vector& near, std::size_t channel, std::size_t lanes, Vector (&z)[4]) {
        if (!compared) compare();
        for (std::size_t i = 1; i < 4; ++i) z[i] = z[twin[i]];
        if (Isa::any(open(near, z))) directly(channel, lanes, z);
    }

    PELLUCID_TILE void directly(std::size_t channel, std::size_t lanes, Vector (&z)[4]) const {
        const std::size_t channels = source.sizes->in_c;
        const float* weights = source.weights + channel / pack_block * 9 * channels * pack_block + channel % pack_block;
        const Vector bias = source.bias == nullptr ? Isa::zero() : load_lanes<Isa>(source.bias + channel, lanes);
        repeat<4>([&]<std::size_t i>() PELLUCID_INLINE_LAMBDA { z[i] = bias; });
        for (std::size_t tap = 0; tap < 9; ++tap) {
            const float* in[4];
            for (std::size_t i = 0; i < 4; ++i) {
                in[i] = pixel<Isa>(source, 2 * y + i / 2 + tap / 3, 2 * x + i % 2 + tap % 3);
            }
            PELLUCID_ROLLED
            for (std::size_t c = 0; c < channels; ++c, weights += pack_block) {
                const Vector w = Isa::load(weights);
                repeat<4>([&]<std::size_t i>() PELLUCID_INLINE_LAMBDA {
                    z[i] = Isa::multiply_add(Isa::splat(in[i] == nullptr ? 0.0F : in[i][c]), w, z[i]);
                });
            }
        }
        if (source.relu) repeat<4>([&]<std::size_t i>() PELLUCID_INLINE_LAMBDA { z[i] = Isa::max(z[i], Isa::zero()); });
    }
};

}  // namespace pellucid::simd
