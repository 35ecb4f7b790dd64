/// Dense layer: out[n, o] = bias[o] + Σ_i in[n, i] · w[i, o], then ReLU where asked. in (n, in_c), out (n, out_c).
///
/// A batch of n samples is computed as a 1×1 convolution over one row of n positions: a tile holds several samples, and
/// each weight is read once per tile. Inputs that are 0 in all samples of a tile are left out where that saves enough;
/// there are many of them when the batch consists of variations of one drawing.
///
/// For one sample alone such a tile would have a single sum per vector, whose multiply-adds wait for one another. There
/// the inputs are distributed over several partial sums instead. The time is then that of reading the weights, and the
/// weights of inputs that are 0, about half of them behind a ReLU, are not read.
#pragma once

#include "pellucid/simd/conv_sparse.hpp"

namespace pellucid::simd {

/// The values of an array that are not 0, and the index of each.
struct Listed {
    float* values;
    std::uint32_t* numbers;
    std::size_t count;
};

template <class Isa>
Listed list_values(std::size_t count, const float* from) {
    // Whole vectors are written at the end of the list.
    const std::size_t room = count + Isa::width;
    float* const memory = scratch(Scratch::sparse, 2 * room);
    Listed list{memory, reinterpret_cast<std::uint32_t*>(memory + room), 0};
    for (std::size_t i = 0; i < count; i += Isa::width) {
        const std::size_t lanes = count - i < Isa::width ? count - i : Isa::width;
        const auto number = static_cast<std::uint32_t>(i);
        list.count += Isa::list(from + i, lanes, number, list.values + list.count, list.numbers + list.count);
    }
    return list;
}

/// One sample, V vectors of outputs with U partial sums each: acc[u, v] = Σ_{i ≡ u mod U} in[i] · w[i, v], where i runs
/// over the listed inputs, which are those that are not 0.
template <class Isa, std::size_t V, std::size_t U>
PELLUCID_TILE void dense_tile(const TileJob& job, const Listed& inputs) {
    using Vector = typename Isa::Vector;
    constexpr std::size_t width = Isa::width;
    Vector acc[U][V];
    repeat<U>([&]<std::size_t u>() PELLUCID_INLINE_LAMBDA {
        repeat<V>([&]<std::size_t v>() PELLUCID_INLINE_LAMBDA { acc[u][v] = Isa::zero(); });
    });
    const float* values = inputs.values;
    const std::uint32_t* numbers = inputs.numbers;
    const std::size_t step = weight_step<Isa>(job);
    const auto add = [&]<std::size_t u>() PELLUCID_INLINE_LAMBDA {
        const Vector x = Isa::splat(*values++);
        const float* const weights = job.weights + *numbers++ * pack_block;
        repeat<V>([&]<std::size_t v>() PELLUCID_INLINE_LAMBDA {
            acc[u][v] = Isa::multiply_add(x, Isa::load(weights + v * step), acc[u][v]);
        });
    };
    std::size_t left = inputs.count;
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
    const Listed inputs = list_values<Isa>(packed.in_c, in);
    TileJob job{};
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
            dense_tile<Isa, group, 2>(job, inputs);
        } else {
            dense_tile<Isa, 1, 8>(job, inputs);
        }
        v += count;
    }
}

/// See Kernels::dense_adjoint. Eight inputs at a time (four with short vectors), each with one vector of partial sums
/// over the outputs.
template <class Isa>
void dense_adjoint(const float* s, const PackedWeights& packed, const float* gate, float* out) {
    using Vector = typename Isa::Vector;
    constexpr std::size_t width = Isa::width;
    constexpr std::size_t at_once = Isa::width < 8 ? 4 : 8;
    const std::size_t in_c = packed.in_c;
    if (packed.out_c < narrow_limit) {
        for (std::size_t i = 0; i < in_c; ++i) {
            float total = 0.0F;
            for (std::size_t o = 0; o < packed.out_c; ++o) total += s[o] * packed.data[o * in_c + i];
            out[i] = gate == nullptr || gate[i] != 0.0F ? total : 0.0F;
        }
        return;
    }
    // number(j): the index of the j-th of these inputs.
    const auto some = [&]<std::size_t Count>(const auto& number) PELLUCID_INLINE_LAMBDA {
        Vector acc[Count];
        const float* w[Count];
        repeat<Count>([&]<std::size_t j>() PELLUCID_INLINE_LAMBDA {
            acc[j] = Isa::zero();
            w[j] = packed.data.data() + number(j) * pack_block;
        });
        const auto add = [&](const Vector& factor, std::size_t v) PELLUCID_INLINE_LAMBDA {
            repeat<Count>([&]<std::size_t j>() PELLUCID_INLINE_LAMBDA {
                acc[j] = Isa::multiply_add(factor, Isa::load(w[j] + v), acc[j]);
            });
        };
        std::size_t o = 0;
        PELLUCID_ROLLED
        for (; o + pack_block <= packed.out_c; o += pack_block) {
            repeat<pack_block / width>([&]<std::size_t v>() PELLUCID_INLINE_LAMBDA {
                add(Isa::load(s + o + v * width), o * in_c + v * width);
            });
        }
        for (; o < packed.out_c; o += width) {
            add(load_lanes<Isa>(s + o, packed.out_c - o < width ? packed.out_c - o : width),
                o / pack_block * pack_block * in_c + o % pack_block);
        }
        float sums[Count];
        sum_each<Isa>(acc, sums);
        for (std::size_t j = 0; j < Count; ++j) out[number(j)] = sums[j];
    };
    const auto all = [&](std::size_t count, const auto& number) PELLUCID_INLINE_LAMBDA {
        std::size_t i = 0;
        const auto next = [&](std::size_t j) PELLUCID_INLINE_LAMBDA { return number(i + j); };
        for (; i + at_once <= count; i += at_once) some.template operator()<at_once>(next);
        for (; i < count; ++i) some.template operator()<1>(next);
    };
    if (gate == nullptr) return all(in_c, [](std::size_t i) PELLUCID_INLINE_LAMBDA { return i; });
    const Listed open = list_values<Isa>(in_c, gate);
    for (std::size_t i = 0; i < in_c; ++i) out[i] = 0.0F;
    all(open.count, [&open](std::size_t i) PELLUCID_INLINE_LAMBDA { return std::size_t{open.numbers[i]}; });
}

/// A tile of P samples × V vectors of outputs that reads only the inputs whose indices are listed.
template <class Isa, std::size_t P, std::size_t V>
PELLUCID_TILE void dense_listed(const TileJob& tile, const std::uint32_t* numbers, std::size_t count) {
    const TileJob job = tile;
    constexpr std::size_t bases = (P + 2) / 3;
    const std::size_t in_step = job.in_step;
    const float* base[bases];
    repeat<bases>([&]<std::size_t b>() PELLUCID_INLINE_LAMBDA { base[b] = job.in + 3 * b * in_step; });
    TileSums<Isa, P, V> sums;
    sums.start(job);
    for (std::size_t n = 0; n < count; ++n) {
        const std::size_t i = numbers[n];
        sums.template tap<0, P>(job.weights + i * pack_block, job, [&]<std::size_t p>() PELLUCID_INLINE_LAMBDA {
            return (base[p / 3] + i)[(p % 3) * in_step];
        });
    }
    sums.finish(job);
}

template <class Isa, std::size_t V, std::size_t... Ps>
PELLUCID_INLINE auto listed_tile(std::size_t samples, std::index_sequence<Ps...>) {
    static constexpr void (*tiles[])(const TileJob&, const std::uint32_t*,
                                     std::size_t) = {&dense_listed<Isa, Ps + 1, V>...};
    return tiles[samples - 1];
}

/// Lists the indices of the inputs that are not 0 in at least one of these samples.
template <class Isa>
Listed list_used(std::size_t samples, std::size_t in_c, const float* in) {
    const std::size_t room = in_c + Isa::width;
    float* const memory = scratch(Scratch::sparse, 2 * room);
    Listed list{memory, reinterpret_cast<std::uint32_t*>(memory + room), 0};
    for (std::size_t i = 0; i < in_c; i += Isa::width) {
        const std::size_t lanes = in_c - i < Isa::width ? in_c - i : Isa::width;
        typename Isa::Vector sum = Isa::zero();
        for (std::size_t n = 0; n < samples; ++n) {
            sum = sum + Isa::absolute(load_lanes<Isa>(in + n * in_c + i, lanes));
        }
        float sizes[Isa::width];
        Isa::store(sizes, sum);
        list.count +=
            Isa::list(sizes, lanes, static_cast<std::uint32_t>(i), list.values + list.count, list.numbers + list.count);
    }
    return list;
}

/// Tiles of samples. A tile in which few inputs are used reads only those (dense_listed); any other is a convolution.
template <class Isa>
void dense_batch(std::size_t n, const float* in, const PackedWeights& packed, const float* bias, float* out,
                 Fuse fuse) {
    constexpr std::size_t most = Isa::template conv_positions<2>;
    constexpr auto sequence = std::make_index_sequence<most>{};
    constexpr std::size_t group = 2 * Isa::width;
    const std::size_t in_c = packed.in_c;
    const std::size_t out_c = packed.out_c;
    const std::size_t tiles = (n + most - 1) / most;
    for (std::size_t t = 0, first = 0; t < tiles; ++t) {
        const std::size_t samples = n / tiles + (t < n % tiles ? 1 : 0);
        const float* const from = in + first * in_c;
        float* const to = out + first * out_c;
        first += samples;
        const Listed used = list_used<Isa>(samples, in_c, from);
        if (100 * used.count > Isa::used_percent * in_c) {
            const ConvSizes sizes{1, samples, in_c, 1, samples, out_c, 1, 1, 1, 1};
            conv<Isa>(sizes, from, packed, bias, to, fuse);
            continue;
        }
        TileJob job{};
        job.in = from;
        job.in_step = in_c;
        job.out_step = out_c;
        job.weight_step = in_c * pack_block;
        job.relu = fuse == Fuse::relu;
        for (std::size_t channel = 0; channel < out_c; channel += group) {
            const std::size_t left = out_c - channel;
            const bool both = left > Isa::width;
            job.out = to + channel;
            job.weights = packed.data.data() + channel / pack_block * job.weight_step + channel % pack_block;
            job.bias = bias == nullptr ? nullptr : bias + channel;
            job.last = left >= group ? Isa::width : both ? left - Isa::width : left < Isa::width ? left : Isa::width;
            (both ? listed_tile<Isa, 2>(samples, sequence) : listed_tile<Isa, 1>(samples, sequence))(job, used.numbers,
                                                                                                     used.count);
        }
    }
}

template <class Isa>
void dense(std::size_t n, const float* in, const PackedWeights& packed, const float* bias, float* out, Fuse fuse) {
    if (n == 1 && packed.out_c >= narrow_limit) return dense_one<Isa>(in, packed, bias, out, fuse);
    if constexpr (sparse_forward && Isa::width >= 8) {
        // With few outputs, finding the inputs that are 0 would cost more than leaving them out saves.
        if (packed.out_c >= 2 * Isa::width) return dense_batch<Isa>(n, in, packed, bias, out, fuse);
    }
    const ConvSizes sizes{1, n, packed.in_c, 1, n, packed.out_c, 1, 1, 1, 1};
    conv<Isa>(sizes, in, packed, bias, out, fuse);
}

}  // namespace pellucid::simd
