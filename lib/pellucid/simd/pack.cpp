/// Weights in the order in which the convolution reads them; see PackedWeights.
#include "pellucid/simd/kernels.hpp"

#include <algorithm>

namespace pellucid::simd {

void pack_weights(const float* weights, std::size_t kernel_h, std::size_t kernel_w, std::size_t in_c, std::size_t out_c,
                  PackedWeights& packed) {
    packed.kernel_h = kernel_h;
    packed.kernel_w = kernel_w;
    packed.in_c = in_c;
    packed.out_c = out_c;
    packed.winograd.clear();
    packed.winograd4.clear();
    packed.by_input.clear();
    packed.pooled.clear();
    const std::size_t taps = kernel_h * kernel_w * in_c;
    if (out_c < narrow_limit) {
        packed.data.resize(taps * out_c);
        for (std::size_t o = 0; o < out_c; ++o) {
            for (std::size_t t = 0; t < taps; ++t) packed.data[o * taps + t] = weights[t * out_c + o];
        }
        return;
    }
    const std::size_t blocks = (out_c + pack_block - 1) / pack_block;
    packed.data.resize(blocks * taps * pack_block);
    float* to = packed.data.data();
    for (std::size_t b = 0; b < blocks; ++b) {
        const std::size_t first = b * pack_block;
        const std::size_t count = std::min(pack_block, out_c - first);
        for (std::size_t t = 0; t < taps; ++t, to += pack_block) {
            const float* from = weights + t * out_c + first;
            std::fill(std::copy(from, from + count, to), to + pack_block, 0.0F);
        }
    }
}

void pack_by_input(PackedWeights& packed) {
    packed.by_input.clear();
    if (packed.kernel_h != sparse_kernel || packed.kernel_w != sparse_kernel || packed.out_c < narrow_limit) return;
    packed.by_input.resize(packed.data.size());
    constexpr std::size_t taps = sparse_kernel * sparse_kernel;
    const std::size_t blocks = packed.data.size() / (taps * packed.in_c * pack_block);
    float* to = packed.by_input.data();
    for (std::size_t block = 0; block < blocks; ++block) {
        for (std::size_t i = 0; i < packed.in_c; ++i) {
            for (std::size_t tap = 0; tap < taps; ++tap, to += pack_block) {
                const std::size_t from = (block * taps + taps - 1 - tap) * packed.in_c + i;
                std::copy_n(packed.data.data() + from * pack_block, pack_block, to);
            }
        }
    }
}

bool marks_suit(const ConvSizes& s, const PackedWeights& packed) {
    return !packed.by_input.empty() && s.in_c % 4 == 0 && s.out_c % 4 == 0 && s.stride_h == 1 && s.stride_w == 1 &&
           s.pad_top < sparse_kernel && s.pad_left < sparse_kernel;
}

void pack_pooled(PackedWeights& packed) {
    packed.pooled.clear();
    const std::size_t kernel = packed.kernel_h;
    if (packed.out_c != 1 || packed.kernel_w != kernel || (kernel != 3 && kernel != 5)) return;
    packed.pooled.assign(packed.in_c * 4 * pooled_window(kernel), 0.0F);
    float* to = packed.pooled.data();
    for (std::size_t channel = 0; channel < packed.in_c; ++channel) {
        for (std::size_t place = 0; place < 4; ++place, to += pooled_window(kernel)) {
            for (std::size_t ky = 0; ky < kernel; ++ky) {
                for (std::size_t kx = 0; kx < kernel; ++kx) {
                    // Out goes what the tap on the other side would read in.
                    const std::size_t tap = (kernel - 1 - ky) * kernel + kernel - 1 - kx;
                    const std::size_t y = place / 2 + ky, x = place % 2 + kx;
                    const std::size_t square = x / 2 * pooled_pair(kernel) + y / 2 * 4;
                    to[square + y % 2 * 2 + x % 2] = packed.data[tap * packed.in_c + channel];
                }
            }
        }
    }
}

bool has_winograd(const PackedWeights& packed) {
    return packed.kernel_h == 3 && packed.kernel_w == 3 && packed.in_c >= 8 && packed.out_c >= 8;
}

namespace {

/// G w Gᵀ of packed weights with the rows of G given, [rows²][block of 16 outputs][in_c][16].
template <std::size_t N>
AlignedVector transformed(const PackedWeights& packed, const double (&g)[N][3]) {
    const std::size_t in_c = packed.in_c;
    const std::size_t blocks = packed.data.size() / (9 * in_c * pack_block);
    AlignedVector result(N * N * blocks * in_c * pack_block);
    float* to = result.data();
    for (std::size_t point = 0; point < N * N; ++point) {
        for (std::size_t block = 0; block < blocks; ++block) {
            const float* const weights = packed.data.data() + block * 9 * in_c * pack_block;
            for (std::size_t i = 0; i < in_c * pack_block; ++i, ++to) {
                double sum = 0.0;
                for (std::size_t tap = 0; tap < 9; ++tap) {
                    sum += g[point / N][tap / 3] * g[point % N][tap % 3] * weights[tap * in_c * pack_block + i];
                }
                *to = static_cast<float>(sum);
            }
        }
    }
    return result;
}

}  // namespace

void pack_winograd(PackedWeights& packed) {
    packed.winograd.clear();
    packed.winograd4.clear();
    if (!has_winograd(packed)) return;
    packed.winograd = transformed<4>(packed, {{1.0, 0.0, 0.0}, {0.5, 0.5, 0.5}, {0.5, -0.5, 0.5}, {0.0, 0.0, 1.0}});
    // The row of a point p holds 1, p, p² over the product of p's distances from the other points.
    constexpr double a = winograd4_a, b = winograd4_b;
    constexpr double at_0 = 1 / (a * a * b * b), at_a = 1 / (2 * a * a * (a * a - b * b)),
                     at_b = 1 / (2 * b * b * (b * b - a * a));
    packed.winograd4 = transformed<6>(packed, {{at_0, 0.0, 0.0},
                                               {at_a, a * at_a, a * a * at_a},
                                               {at_a, -a * at_a, a * a * at_a},
                                               {at_b, b * at_b, b * b * at_b},
                                               {at_b, -b * at_b, b * b * at_b},
                                               {0.0, 0.0, 1.0}});
}

}  // namespace pellucid::simd
