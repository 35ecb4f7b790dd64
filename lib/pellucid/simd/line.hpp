/// A 2×2 max-pool (stride 2) at many points of one straight line, as path integrals ask for it; lanes run over
/// channels.
///
///   forward:  v_k = start + α_k·slope before the pool; out and switches of every point as max_pool has them
///   back:     Σ_k w_k·(what point k's pool sends back), at the places of the maxima
/// A cell's numbers are read once for a few points and stay in registers for them: of more points the values would come
/// from more places at a time than caches look ahead for.
/// Cost: 4 multiply-adds for every pooled value, both ways.
#pragma once

#include "pellucid/simd/pool.hpp"

namespace pellucid::simd {

/// Calls use(corner, cell, c, lanes) for the vectors of channels of every cell: the number of its first place, its own.
template <class Isa, class F>
PELLUCID_INLINE void for_cells(const ConvSizes& s, const F& use) {
    for (std::size_t y = 0; y < s.out_h; ++y) {
        for (std::size_t x = 0; x < s.out_w; ++x) {
            for (std::size_t c = 0; c < s.in_c; c += Isa::width) {
                use(2 * (y * s.in_w + x), y * s.out_w + x, c, s.in_c - c < Isa::width ? s.in_c - c : Isa::width);
            }
        }
    }
}

/// A cell's places, from the number of its first.
PELLUCID_INLINE std::size_t place_of(const ConvSizes& s, std::size_t corner, std::size_t which) {
    return corner + which / 2 * s.in_w + which % 2;
}

inline constexpr std::size_t line_points = 6;

/// Calls use(first, count) for few points at a time.
template <class F>
PELLUCID_INLINE void for_points(std::size_t points, const F& use) {
    for (std::size_t k = 0; k < points; k += line_points) use(k, points - k < line_points ? points - k : line_points);
}

/// See Kernels::line_pool.
template <class Isa>
void line_pool(const ConvSizes& s, std::size_t points, const float* alphas, const float* start, const float* slope,
               float* out, std::uint32_t* switches, Fuse fuse) {
    using Vector = typename Isa::Vector;
    const std::size_t size = s.out_h * s.out_w * s.in_c;
    const Vector least = Isa::splat(fuse == Fuse::relu ? 0.0F : -__builtin_inff());
    for_points(points, [&](std::size_t first, std::size_t count) PELLUCID_INLINE_LAMBDA {
        for_cells<Isa>(
            s, [&](std::size_t corner, std::size_t cell, std::size_t c, std::size_t lanes) PELLUCID_INLINE_LAMBDA {
                Vector from[4], along[4];
                repeat<4>([&]<std::size_t i>() PELLUCID_INLINE_LAMBDA {
                    const std::size_t at = place_of(s, corner, i) * s.in_c + c;
                    from[i] = load_lanes<Isa>(start + at, lanes);
                    along[i] = load_lanes<Isa>(slope + at, lanes);
                });
                std::size_t at = first * size + cell * s.in_c + c;
                for (std::size_t k = first; k < first + count; ++k, at += size) {
                    const Vector alpha = Isa::splat(alphas[k]);
                    Vector z[4];
                    repeat<4>([&]<std::size_t i>()
                                  PELLUCID_INLINE_LAMBDA { z[i] = Isa::multiply_add(alpha, along[i], from[i]); });
                    const Largest<Isa> best = largest_of<Isa>(z, corner, s.in_w);
                    store_lanes<Isa>(out + at, Isa::max(best.value, least), lanes);
                    store_lanes<Isa>(switches + at, best.place, lanes);
                }
            });
    });
}

/// See Kernels::line_pool_gradient.
template <class Isa>
void line_pool_gradient(const ConvSizes& s, std::size_t points, const float* weights, const std::uint32_t* switches,
                        const float* grad, const float* gate, float* out) {
    using Vector = typename Isa::Vector;
    const std::size_t size = s.out_h * s.out_w * s.in_c;
    for (std::size_t i = 0; i < s.in_h * s.in_w * s.in_c; ++i) out[i] = 0.0F;
    for_points(points, [&](std::size_t first, std::size_t count) PELLUCID_INLINE_LAMBDA {
        for_cells<Isa>(
            s, [&](std::size_t corner, std::size_t cell, std::size_t c, std::size_t lanes) PELLUCID_INLINE_LAMBDA {
                Vector sums[4];
                repeat<4>([&]<std::size_t i>() PELLUCID_INLINE_LAMBDA {
                    sums[i] = load_lanes<Isa>(out + place_of(s, corner, i) * s.in_c + c, lanes);
                });
                std::size_t at = first * size + cell * s.in_c + c;
                for (std::size_t k = first; k < first + count; ++k, at += size) {
                    Vector share = Isa::splat(weights[k]) * load_lanes<Isa>(grad + at, lanes);
                    if (gate != nullptr) {
                        share = Isa::select(load_lanes<Isa>(gate + at, lanes) > Isa::zero(), share, Isa::zero());
                    }
                    const auto place = load_lanes<Isa>(switches + at, lanes);
                    repeat<4>([&]<std::size_t i>() PELLUCID_INLINE_LAMBDA {
                        const auto here = Isa::index(static_cast<std::uint32_t>(place_of(s, corner, i)));
                        sums[i] = sums[i] + Isa::select(Isa::equal(place, here), share, Isa::zero());
                    });
                }
                repeat<4>([&]<std::size_t i>() PELLUCID_INLINE_LAMBDA {
                    store_lanes<Isa>(out + place_of(s, corner, i) * s.in_c + c, sums[i], lanes);
                });
            });
    });
}

}  // namespace pellucid::simd
