/// Dense layer: out[n, o] = bias[o] + Σ_i in[n, i] · w[i, o], then ReLU where asked. in (n, in_c), out (n, out_c).
///
/// A batch is a 1×1 convolution over one row of n positions: the tile blocks over samples, and weights are read once
/// per tile. One sample alone would leave one sum per vector waiting for the last one; there the inputs are split
/// over several sums instead, and the layer is limited by the reading of its weights.
#pragma once

#include "pellucid/simd/conv.hpp"

namespace pellucid::simd {

/// One sample, V vectors of outputs, U partial sums each: acc[u, v] = Σ_{i ≡ u mod U} in[i] · w[i, v].
template <class Isa, std::size_t V, std::size_t U>
PELLUCID_TILE void dense_tile(const TileJob& job) {
    using Vector = typename Isa::Vector;
    constexpr std::size_t width = Isa::width;
    Vector acc[U][V];
    repeat<U>([&]<std::size_t u>() PELLUCID_INLINE_LAMBDA {
        repeat<V>([&]<std::size_t v>() PELLUCID_INLINE_LAMBDA { acc[u][v] = Isa::zero(); });
    });
    const float* in = job.in;
    const float* weights = job.weights;
    const std::size_t step = weight_step<Isa>(job);
    const auto add = [&]<std::size_t u>() PELLUCID_INLINE_LAMBDA {
        const Vector x = Isa::splat(*in++);
        repeat<V>([&]<std::size_t v>() PELLUCID_INLINE_LAMBDA {
            acc[u][v] = Isa::multiply_add(x, Isa::load(weights + v * step), acc[u][v]);
        });
        weights += pack_block;
    };
    std::size_t left = job.run;
    for (; left >= U; left -= U) repeat<U>(add);
    for (; left > 0; --left) add.template operator()<0>();
    repeat<V>([&]<std::size_t v>() PELLUCID_INLINE_LAMBDA {
        Vector sum = acc[0][v];
        repeat<U - 1>([&]<std::size_t u>() PELLUCID_INLINE_LAMBDA { sum = sum + acc[u + 1][v]; });
        const std::size_t lanes = v + 1 < V ? width : job.last;
        if (job.bias != nullptr) sum = sum + load_lanes<Isa>(job.bias + v * width, lanes);
        if (job.relu) sum = Isa::max(sum, Isa::zero());
        store_lanes<Isa>(job.out + v * width, sum, lanes);
    });
}

template <class Isa>
void dense_one(const float* in, const PackedWeights& packed, const float* bias, float* out, Fuse fuse) {
    constexpr std::size_t width = Isa::width;
    constexpr std::size_t group = 4;
    const std::size_t block_floats = packed.in_c * pack_block;
    const std::size_t vectors = (packed.out_c + width - 1) / width;
    TileJob job{};
    job.in = in;
    job.run = packed.in_c;
    job.weight_step = block_floats;
    job.relu = fuse == Fuse::relu;
    for (std::size_t v = 0; v < vectors;) {
        const std::size_t first = v * width;
        // A group must not straddle two blocks where vectors are shorter than one.
        const std::size_t room = width == pack_block ? group : (pack_block - first % pack_block) / width;
        const bool grouped = room >= group && vectors - v >= group;
        const std::size_t count = grouped ? group : 1;
        const std::size_t end = first + count * width;
        job.out = out + first;
        job.weights = packed.data.data() + first / pack_block * block_floats + first % pack_block;
        job.bias = bias == nullptr ? nullptr : bias + first;
        job.last = end <= packed.out_c ? width : width - (end - packed.out_c);
        if (grouped) {
            dense_tile<Isa, group, 2>(job);
        } else {
            dense_tile<Isa, 1, 8>(job);
        }
        v += count;
    }
}

/// See Kernels::dense_adjoint: eight inputs at a time, a vector of partial sums over the outputs each.
template <class Isa>
void dense_adjoint(const float* s, const PackedWeights& packed, float* out) {
    using Vector = typename Isa::Vector;
    constexpr std::size_t width = Isa::width;
    constexpr std::size_t at_once = 8;
    const std::size_t in_c = packed.in_c;
    if (packed.out_c < narrow_limit) {
        for (std::size_t i = 0; i < in_c; ++i) {
            float total = 0.0F;
            for (std::size_t o = 0; o < packed.out_c; ++o) total += s[o] * packed.data[o * in_c + i];
            out[i] = total;
        }
        return;
    }
    const auto some = [&]<std::size_t Count>(std::size_t i) PELLUCID_INLINE_LAMBDA {
        Vector acc[Count];
        repeat<Count>([&]<std::size_t j>() PELLUCID_INLINE_LAMBDA { acc[j] = Isa::zero(); });
        const float* from = packed.data.data() + i * pack_block;
        for (std::size_t o = 0; o < packed.out_c; o += width) {
            const Vector factor = load_lanes<Isa>(s + o, packed.out_c - o < width ? packed.out_c - o : width);
            const float* const w = from + o / pack_block * in_c * pack_block + o % pack_block;
            repeat<Count>([&]<std::size_t j>() PELLUCID_INLINE_LAMBDA {
                acc[j] = Isa::multiply_add(factor, Isa::load(w + j * pack_block), acc[j]);
            });
        }
        float sums[Count];
        sum_each<Isa>(acc, sums);
        for (std::size_t j = 0; j < Count; ++j) out[i + j] = sums[j];
    };
    std::size_t i = 0;
    for (; i + at_once <= in_c; i += at_once) some.template operator()<at_once>(i);
    for (; i < in_c; ++i) some.template operator()<1>(i);
}

template <class Isa>
void dense(std::size_t n, const float* in, const PackedWeights& packed, const float* bias, float* out, Fuse fuse) {
    if (n == 1 && packed.out_c >= narrow_limit) return dense_one<Isa>(in, packed, bias, out, fuse);
    const ConvSizes sizes{1, n, packed.in_c, 1, n, packed.out_c, 1, 1, 1, 1};
    conv<Isa>(sizes, in, packed, bias, out, fuse);
}

}  // namespace pellucid::simd
