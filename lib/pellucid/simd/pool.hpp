/// Max-pooling: out[y, x, c] = max over the window in[y·stride_h + ky, x·stride_w + kx, c]; lanes run over channels.
///
/// in (in_h, in_w, c) padded with −infinity, out and switches (out_h, out_w, c). A switch is row · in_w + column of the
/// first maximum in reading order.
#pragma once

#include "pellucid/simd/kernels.hpp"
#include "pellucid/simd/lanes.hpp"

namespace pellucid::simd {

/// 0 kernel sizes = those of `s`; fixed ones let the compiler unroll the window.
template <class Isa, std::size_t FixedH, std::size_t FixedW, bool Switches>
PELLUCID_TILE void pool_row(const ConvSizes& s, std::size_t y, const float* in, float* out, std::uint32_t* switches) {
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
            auto place = Isa::index(static_cast<std::uint32_t>(corner));
            for (std::size_t ky = 0; ky < kernel_h; ++ky) {
                for (std::size_t kx = 0; kx < kernel_w; ++kx) {
                    if (ky + kx == 0) continue;
                    const Vector value = load_lanes<Isa>(from + ky * row_step + kx * channels, lanes);
                    if constexpr (Switches) {
                        const auto better = value > best;
                        const auto here = static_cast<std::uint32_t>(corner + ky * s.in_w + kx);
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
        if (switches == nullptr) {
            (two ? pool_row<Isa, 2, 2, false> : pool_row<Isa, 0, 0, false>)(s, y, in, out, nullptr);
        } else {
            (two ? pool_row<Isa, 2, 2, true> : pool_row<Isa, 0, 0, true>)(s, y, in, out, switches);
            switches += out_row;
        }
    }
}

}  // namespace pellucid::simd
