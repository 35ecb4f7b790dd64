/// Max-pooling: out[y, x, c] = max over the window in[y·stride_h + ky, x·stride_w + kx, c]; lanes run over channels.
///
/// in (in_h, in_w, c) padded with −infinity, out and switches (out_h, out_w, c). A switch is row · in_w + column of the
/// first maximum in reading order.
#pragma once

#include "pellucid/simd/kernels.hpp"
#include "pellucid/simd/lanes.hpp"
#include "pellucid/simd/scratch.hpp"

namespace pellucid::simd {

/// The largest value of a 2×2 window, of equal ones the first, and its place.
template <class Isa>
struct Largest {
    typename Isa::Vector value;
    typename Isa::Index place;
};

/// `z`: the window in reading order; `corner`: the number of its first place, `row`: how many places a row has.
template <class Isa>
PELLUCID_INLINE Largest<Isa> largest_of(const typename Isa::Vector (&z)[4], std::size_t corner, std::size_t row) {
    const auto index = [](std::size_t place) { return Isa::index(static_cast<std::uint32_t>(place)); };
    Largest<Isa> best{z[0], index(0)};
    repeat<3>([&]<std::size_t i>() PELLUCID_INLINE_LAMBDA {
        best.place = Isa::select(z[i + 1] > best.value, index((i + 1) / 2 * row + (i + 1) % 2), best.place);
        best.value = Isa::max(best.value, z[i + 1]);
    });
    best.place = best.place + index(corner);
    return best;
}

/// 0 kernel sizes = those of `s`; fixed ones let the compiler unroll the window. The first place of `in` has the number
/// `first`.
template <class Isa, std::size_t FixedH, std::size_t FixedW, bool Switches>
PELLUCID_TILE void pool_row(const ConvSizes& s, std::size_t y, const float* in, float* out, std::uint32_t* switches,
                            std::size_t first = 0) {
    using Vector = typename Isa::Vector;
    constexpr std::size_t width = Isa::width;
    const std::size_t kernel_h = FixedH != 0 ? FixedH : s.kernel_h;
    const std::size_t kernel_w = FixedW != 0 ? FixedW : s.kernel_w;
    const std::size_t channels = s.in_c;
    const std::size_t row_step = s.in_w * channels;
    for (std::size_t x = 0; x < s.out_w; ++x) {
        const std::size_t corner = y * s.stride_h * s.in_w + x * s.stride_w;
        const auto window = [&](std::size_t c, std::size_t lanes) PELLUCID_INLINE_LAMBDA {
            const float* from = in + corner * channels + c;
            Vector best = load_lanes<Isa>(from, lanes);
            auto place = Isa::index(static_cast<std::uint32_t>(first + corner));
            for (std::size_t ky = 0; ky < kernel_h; ++ky) {
                for (std::size_t kx = 0; kx < kernel_w; ++kx) {
                    if (ky + kx == 0) continue;
                    const Vector value = load_lanes<Isa>(from + ky * row_step + kx * channels, lanes);
                    if constexpr (Switches) {
                        const auto better = value > best;
                        const auto here = static_cast<std::uint32_t>(first + corner + ky * s.in_w + kx);
                        place = Isa::select(better, Isa::index(here), place);
                    }
                    best = Isa::max(best, value);
                }
            }
            store_lanes<Isa>(out + c, best, lanes);
            if constexpr (Switches) store_lanes<Isa>(switches + c, place, lanes);
        };
        std::size_t c = 0;
        for (; c + width <= channels; c += width) window(c, width);
        if (c < channels) window(c, channels - c);
        out += channels;
        if constexpr (Switches) switches += channels;
    }
}

template <class Isa>
void max_pool(const ConvSizes& s, const float* in, float* out, std::uint32_t* switches) {
    const bool two = s.kernel_h == 2 && s.kernel_w == 2;
    const std::size_t out_row = s.out_w * s.in_c;
    for (std::size_t y = 0; y < s.out_h; ++y, out += out_row) {
        if (switches == nullptr && (two || Isa::unroll_taps)) {
            if constexpr (Isa::unroll_taps) {
                (two ? pool_row<Isa, 2, 2, false> : pool_row<Isa, 0, 0, false>)(s, y, in, out, nullptr, 0);
            } else {
                pool_row<Isa, 2, 2, false>(s, y, in, out, nullptr, 0);
            }
        } else if (switches == nullptr) {
            // Where code must be small (WebAssembly) rare windows have one form only.
            auto* const unread = reinterpret_cast<std::uint32_t*>(scratch(Scratch::rows, out_row));
            pool_row<Isa, 0, 0, true>(s, y, in, out, unread, 0);
        } else {
            (two ? pool_row<Isa, 2, 2, true> : pool_row<Isa, 0, 0, true>)(s, y, in, out, switches, 0);
            switches += out_row;
        }
    }
}

/// Sends each output's gradient to the place of its maximum: out[switches[y, x, c], c] = grad[y, x, c], 0 elsewhere,
/// for windows that do not overlap. Every place of a window asks whether it was the one: no scattered writes.
template <class Isa>
void max_pool_gradient(const ConvSizes& s, const std::uint32_t* switches, const float* grad, float* out) {
    constexpr std::size_t width = Isa::width;
    const std::size_t channels = s.in_c;
    const std::size_t row_step = s.in_w * channels;
    if (s.stride_h == 2 && s.stride_w == 2 && s.in_h == 2 * s.out_h && s.in_w == 2 * s.out_w && channels % width == 0) {
        for (std::size_t y = 0; y < s.out_h; ++y) {
            for (std::size_t x = 0; x < s.out_w; ++x, switches += channels, grad += channels) {
                const auto corner = static_cast<std::uint32_t>(2 * (y * s.in_w + x));
                const auto below = corner + static_cast<std::uint32_t>(s.in_w);
                float* const upper = out + corner * channels;
                float* const lower = upper + row_step;
                for (std::size_t c = 0; c < channels; c += width) {
                    const auto place = Isa::load(switches + c);
                    const auto value = Isa::load(grad + c);
                    const auto here = [&](std::uint32_t at) PELLUCID_INLINE_LAMBDA {
                        return Isa::select(Isa::equal(place, Isa::index(at)), value, Isa::zero());
                    };
                    Isa::store(upper + c, here(corner));
                    Isa::store(upper + channels + c, here(corner + 1));
                    Isa::store(lower + c, here(below));
                    Isa::store(lower + channels + c, here(below + 1));
                }
            }
        }
        return;
    }
    // A cell: a window and what lies between it and the next ones. The image may end within the last cells.
    const auto cell = [](std::size_t first, std::size_t stride, std::size_t extent)
                          PELLUCID_INLINE_LAMBDA { return first + stride < extent ? stride : extent - first; };
    for (std::size_t y = 0; y < s.out_h; ++y) {
        const std::size_t top = y * s.stride_h;
        const std::size_t rows = cell(top, s.stride_h, s.in_h);
        float* const strip = out + top * row_step;
        for (std::size_t x = 0; x < s.out_w; ++x, switches += channels, grad += channels) {
            const std::size_t left = x * s.stride_w;
            const std::size_t columns = cell(left, s.stride_w, s.in_w);
            for (std::size_t c = 0; c < channels; c += width) {
                const std::size_t lanes = channels - c < width ? channels - c : width;
                const auto place = load_lanes<Isa>(switches + c, lanes);
                const auto value = load_lanes<Isa>(grad + c, lanes);
                for (std::size_t ky = 0; ky < rows; ++ky) {
                    for (std::size_t kx = 0; kx < columns; ++kx) {
                        const auto here = Isa::index(static_cast<std::uint32_t>((top + ky) * s.in_w + left + kx));
                        store_lanes<Isa>(strip + (ky * s.in_w + left + kx) * channels + c,
                                         Isa::select(Isa::equal(place, here), value, Isa::zero()), lanes);
                    }
                }
            }
        }
        const std::size_t covered = s.out_w * s.stride_w < s.in_w ? s.out_w * s.stride_w : s.in_w;
        for (std::size_t ky = 0; ky < rows && covered < s.in_w; ++ky) {
            clear<Isa>(strip + (ky * s.in_w + covered) * channels, (s.in_w - covered) * channels);
        }
    }
    const std::size_t covered = s.out_h * s.stride_h < s.in_h ? s.out_h * s.stride_h : s.in_h;
    clear<Isa>(out + covered * row_step, (s.in_h - covered) * row_step);
}

}  // namespace pellucid::simd
