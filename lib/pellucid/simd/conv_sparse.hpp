/// Convolution of an image most of whose values are 0, as signals are that come back through a max-pool or a ReLU.
///
/// The same sum as conv.hpp's at stride 1, from the other side: what is not 0 is listed, position by position, and each
/// adds its product with all taps to the outputs around it. Along a row the sums of K columns wait in registers until
/// the last input that reaches them has come.
/// Cost: kernel_h·kernel_w·out_c multiply-adds for every value that is not 0, and a look at every value.
#pragma once

#include "pellucid/simd/conv.hpp"

namespace pellucid::simd {

/// What is not 0 in an image: position p has the values first[p] … first[p + 1] − 1, each with its channel.
struct SparseImage {
    float* values;
    std::uint32_t* channels;
    std::uint32_t* first;
};

template <class Isa>
SparseImage list_values(std::size_t positions, std::size_t channels, const float* in) {
    // Whole vectors are written at the end of the list.
    const std::size_t room = positions * channels + Isa::width;
    float* const memory = scratch(Scratch::sparse, 2 * room + positions + 1);
    SparseImage image{memory, reinterpret_cast<std::uint32_t*>(memory + room),
                      reinterpret_cast<std::uint32_t*>(memory + 2 * room)};
    std::size_t count = 0;
    for (std::size_t p = 0; p < positions; ++p, in += channels) {
        image.first[p] = static_cast<std::uint32_t>(count);
        for (std::size_t c = 0; c < channels; c += Isa::width) {
            const std::size_t lanes = channels - c < Isa::width ? channels - c : Isa::width;
            count += Isa::list(in + c, lanes, static_cast<std::uint32_t>(c), image.values + count, image.channels + count);
        }
    }
    image.first[positions] = static_cast<std::uint32_t>(count);
    return image;
}

struct SparseJob {
    SparseImage image;
    const float* weights;     ///< of the first channel of the group, input 0, kernel row and column 0
    std::size_t weight_step;  ///< floats from one block of weights to the next
    float* out;               ///< first channel of the group
    std::size_t last;         ///< valid lanes of the last vector
};

/// Whether both sides' padding is the same, so that every output is reached from the input row pad_top above it.
PELLUCID_INLINE bool sparse_suits(const ConvSizes& s) {
    return s.kernel_h == sparse_kernel && s.kernel_w == sparse_kernel && s.stride_h == 1 && s.stride_w == 1 &&
           s.out_h + s.kernel_h == s.in_h + 2 * s.pad_top + 1 && s.out_w + s.kernel_w == s.in_w + 2 * s.pad_left + 1 &&
           s.pad_top < s.kernel_h && s.pad_left < s.kernel_w;
}

/// Input row y through kernel rows first_row … first_row + R − 1 of K, V vectors of outputs.
/// out[y + pad − ky, x + pad − kx] += in[y, x] · w[ky, kx]: the sum for column x + pad − kx waits in acc[…][kx].
template <class Isa, std::size_t K, std::size_t R, std::size_t V>
PELLUCID_TILE void sparse_row(const ConvSizes& s, const SparseJob& job, std::size_t y, std::size_t first_row) {
    using Vector = typename Isa::Vector;
    const float* const weights = job.weights + first_row * K * pack_block;
    const std::size_t weight_step = Isa::width == pack_block ? job.weight_step : Isa::width;
    // Rows that are not there are computed and left out.
    float* rows[R];
    bool fresh[R];
    for (std::size_t r = 0; r < R; ++r) {
        const std::size_t ky = first_row + r;
        const bool there = y + s.pad_top >= ky && y + s.pad_top - ky < s.out_h;
        rows[r] = there ? job.out + (y + s.pad_top - ky) * s.out_w * s.out_c : nullptr;
        fresh[r] = ky == 0 || y == 0;  // the first input row that reaches this output row
    }
    Vector acc[R][K][V];
    const auto clear = [&]<std::size_t k>() PELLUCID_INLINE_LAMBDA {
        repeat<R>([&]<std::size_t r>() PELLUCID_INLINE_LAMBDA {
            repeat<V>([&]<std::size_t v>() PELLUCID_INLINE_LAMBDA { acc[r][k][v] = Isa::zero(); });
        });
    };
    repeat<K>(clear);
    const std::uint32_t* const first = job.image.first + y * s.in_w;
    const std::size_t none = first[s.in_w];
    for (std::size_t x = 0; x < s.in_w + K - 1; ++x) {
        const std::size_t end = x < s.in_w ? first[x + 1] : none;
        for (std::size_t i = x < s.in_w ? first[x] : none; i < end; ++i) {
            const Vector value = Isa::splat(job.image.values[i]);
            const float* const w = weights + job.image.channels[i] * (K * K * pack_block);
            repeat<R>([&]<std::size_t r>() PELLUCID_INLINE_LAMBDA {
                repeat<K>([&]<std::size_t k>() PELLUCID_INLINE_LAMBDA {
                    repeat<V>([&]<std::size_t v>() PELLUCID_INLINE_LAMBDA {
                        const Vector weight = Isa::load(w + (r * K + k) * pack_block + v * weight_step);
                        acc[r][k][v] = Isa::multiply_add(value, weight, acc[r][k][v]);
                    });
                });
            });
        }
        const std::size_t column = x + s.pad_left - (K - 1);  // wraps round before the first
        if (column < s.out_w) {
            repeat<R>([&]<std::size_t r>() PELLUCID_INLINE_LAMBDA {
                if (rows[r] == nullptr) return;
                float* const to = rows[r] + column * s.out_c;
                repeat<V>([&]<std::size_t v>() PELLUCID_INLINE_LAMBDA {
                    float* const at = to + v * Isa::width;
                    const std::size_t lanes = v + 1 < V ? Isa::width : job.last;
                    const Vector sum = acc[r][K - 1][v];
                    store_lanes<Isa>(at, fresh[r] ? sum : Vector(sum + load_lanes<Isa>(at, lanes)), lanes);
                });
            });
        }
        repeat<K - 1>([&]<std::size_t k>() PELLUCID_INLINE_LAMBDA {
            repeat<R>([&]<std::size_t r>() PELLUCID_INLINE_LAMBDA {
                repeat<V>([&]<std::size_t v>() PELLUCID_INLINE_LAMBDA { acc[r][K - 1 - k][v] = acc[r][K - 2 - k][v]; });
            });
        });
        clear.template operator()<0>();
    }
}

template <class Isa>
PELLUCID_INLINE void sparse_groups(const ConvSizes& s, const PackedWeights& packed, const SparseImage& image, float* out) {
    constexpr std::size_t K = sparse_kernel;
    constexpr std::size_t R = Isa::sparse_rows;
    SparseJob job{};
    job.image = image;
    job.weight_step = K * K * s.in_c * pack_block;
    const auto rows_of = [&](auto group, std::size_t channel, std::size_t last) PELLUCID_INLINE_LAMBDA {
        job.out = out + channel;
        job.weights = packed.by_input.data() + channel / pack_block * job.weight_step + channel % pack_block;
        job.last = last;
        for (std::size_t y = 0; y < s.in_h; ++y) {
            for (std::size_t ky = 0; ky < K; ky += R) sparse_row<Isa, K, R, decltype(group)::value>(s, job, y, ky);
        }
    };
    for_groups<Isa, Isa::sparse_group>(s.out_c, rows_of);
}

template <class Isa>
void conv_sparse(const ConvSizes& s, const float* in, const PackedWeights& packed, float* out) {
    if (!packed.by_input.empty() && sparse_suits(s)) {
        const std::size_t positions = s.in_h * s.in_w;
        const SparseImage image = list_values<Isa>(positions, s.in_c, in);
        if (100 * image.first[positions] <= Isa::sparse_percent * positions * s.in_c) {
            return sparse_groups<Isa>(s, packed, image, out);
        }
    }
    conv<Isa>(s, in, packed, nullptr, out, Fuse::none);
}

}  // namespace pellucid::simd
