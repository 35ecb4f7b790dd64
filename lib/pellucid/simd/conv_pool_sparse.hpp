/// The 3×3 convolution of an image much of which is 0, then the maxima of its 2×2 windows and their places.
///
/// As conv_sparse.hpp, but one column of the image at a time, so that every sum adds its products in the same order:
/// kernel column by kernel column. On a flat image neighbouring sums then consist of the same numbers in the same order
/// and are exactly equal, and the pool takes the first of them, as it does for the direct sums. At most four columns of
/// sums exist at a time; as soon as two neighbouring columns are complete, their maxima are taken.
#pragma once

#include "pellucid/simd/conv_sparse.hpp"
#include "pellucid/simd/pool.hpp"

namespace pellucid::simd {

/// One column of the image, and what its values are multiplied with.
struct SparseColumn {
    const float* values;  ///< of the first row
    const Marks* marks;   ///< [row][64 channels], rows `next_marks` apart
    std::size_t next_marks;
    const float* weights;  ///< of the first of V vectors, others `block` floats apart
    std::size_t block;
};

/// Adds a column of the image to the three columns of sums that it reaches, of in_h + 2 rows of V vectors, the last of
/// which begins here.
template <class Isa, std::size_t V>
PELLUCID_TILE void add_sparse_column(const ConvSizes& s, const SparseColumn& column, float* const (&sums)[3]) {
    using Vector = typename Isa::Vector;
    constexpr std::size_t K = sparse_kernel;
    constexpr std::size_t taps = K * K * pack_block;
    constexpr std::size_t step = V * Isa::width;
    Vector acc[K][K][V];
    const auto all = [](const auto& use) PELLUCID_INLINE_LAMBDA {
        repeat<K>([&]<std::size_t c>() PELLUCID_INLINE_LAMBDA {
            repeat<V>([&]<std::size_t v>() PELLUCID_INLINE_LAMBDA { use.template operator()<c, v>(); });
        });
    };
    float* at[K] = {sums[0], sums[1], sums[2]};
    const auto begin = [&]<std::size_t r>(std::size_t row) PELLUCID_INLINE_LAMBDA {
        all([&]<std::size_t c, std::size_t v>() PELLUCID_INLINE_LAMBDA {
            acc[r][c][v] = c + 1 < K ? Isa::load(at[c] + row * step + v * Isa::width) : Isa::zero();
        });
    };
    const auto end = [&]() PELLUCID_INLINE_LAMBDA {
        all([&]<std::size_t c, std::size_t v>() PELLUCID_INLINE_LAMBDA {
            Isa::store(at[c] + v * Isa::width, acc[0][c][v]);
            repeat<K - 1>([&]<std::size_t r>() PELLUCID_INLINE_LAMBDA { acc[r][c][v] = Isa::copy(acc[r + 1][c][v]); });
        });
        repeat<K>([&]<std::size_t c>() PELLUCID_INLINE_LAMBDA { at[c] += step; });
    };
    begin.template operator()<0>(0);
    begin.template operator()<1>(1);
    const float* row = column.values;
    const Marks* marks = column.marks;
    for (std::size_t y = 0; y < s.in_h; ++y, row += s.in_w * s.in_c, marks += column.next_marks) {
        begin.template operator()<K - 1>(K - 1);
        const Marks* mark = marks;
        const float* values = row;
        const float* w = column.weights;
        for (std::size_t c = 0; c < s.in_c; c += marked, values += marked, w += marked * taps) {
            for (Marks bits = *mark++; bits != 0; bits &= bits - 1) {
                const auto i = static_cast<std::size_t>(__builtin_ctzll(bits));
                const Vector value = Isa::splat(values[i]);
                const float* const tap = w + i * taps;
                repeat<K * K>([&]<std::size_t t>() PELLUCID_INLINE_LAMBDA {
                    repeat<V>([&]<std::size_t v>() PELLUCID_INLINE_LAMBDA {
                        Vector& sum = acc[t / K][t % K][v];
                        sum = Isa::multiply_add(value, Isa::load(tap + t * pack_block + v * column.block), sum);
                    });
                });
            }
        }
        end();
    }
    repeat<K - 1>([&]<std::size_t>() PELLUCID_INLINE_LAMBDA { end(); });
}

/// What comes after the sums: for one group of vectors.
struct SparsePool {
    const float* bias;  ///< null = none
    Fuse fuse;
    std::size_t first_channel;
    float* out;
    std::uint32_t* switches;
};

/// The maxima of the windows of column x of the pool, from its two columns of sums.
template <class Isa, std::size_t V>
PELLUCID_TILE void pool_columns(const ConvSizes& s, const SparsePool& pool, std::size_t x, const float* left,
                                const float* right) {
    using Vector = typename Isa::Vector;
    constexpr std::size_t step = V * Isa::width;
    const std::size_t first = (sparse_kernel - 1 - s.pad_top) * step;
    repeat<V>([&]<std::size_t v>() PELLUCID_INLINE_LAMBDA {
        const std::size_t channel = pool.first_channel + v * Isa::width;
        const std::size_t lanes = s.out_c - channel < Isa::width ? s.out_c - channel : Isa::width;
        const Vector bias = pool.bias == nullptr ? Isa::zero() : load_lanes<Isa>(pool.bias + channel, lanes);
        const float* a = left + first + v * Isa::width;
        const float* b = right + first + v * Isa::width;
        for (std::size_t y = 0; y + 1 < s.out_h; y += 2, a += 2 * step, b += 2 * step) {
            Vector z[4] = {Isa::load(a), Isa::load(b), Isa::load(a + step), Isa::load(b + step)};
            repeat<4>([&]<std::size_t i>() PELLUCID_INLINE_LAMBDA {
                z[i] = z[i] + bias;
                if (pool.fuse == Fuse::relu) z[i] = Isa::max(z[i], Isa::zero());
            });
            const Largest<Isa> best = largest_of<Isa>(z, y * s.out_w + 2 * x, s.out_w);
            const std::size_t to = (y / 2 * (s.out_w / 2) + x) * s.out_c + channel;
            store_lanes<Isa>(pool.out + to, best.value, lanes);
            store_lanes<Isa>(pool.switches + to, best.place, lanes);
        }
    });
}

/// V vectors of channels.
template <class Isa, std::size_t V>
void sparse_pool_group(const ConvSizes& s, const SparseColumn& image, const SparsePool& pool) {
    constexpr std::size_t K = sparse_kernel;
    const std::size_t floats = (s.in_h + K - 1) * V * Isa::width;
    float* const memory = scratch(Scratch::rows, 4 * floats);
    const auto sums = [&](std::size_t column) PELLUCID_INLINE_LAMBDA { return memory + column % 4 * floats; };
    clear<Isa>(memory, 2 * floats);
    SparseColumn column = image;
    const std::size_t words = image.next_marks / 2;
    const std::size_t before = K - 1 - s.pad_left;  // columns of sums before the first output's
    for (std::size_t x = 0; x < s.in_w + K - 1; ++x) {
        if (x < s.in_w) {
            column.values = image.values + x * s.in_c;
            column.marks = image.marks + (x / 2 * s.in_h * 2 + x % 2) * words;
            add_sparse_column<Isa, V>(s, column, {sums(x), sums(x + 1), sums(x + 2)});
        }
        // The sums of column x are complete.
        const std::size_t done = x - before;
        if (x > before && done % 2 == 1 && done < s.out_w) {
            pool_columns<Isa, V>(s, pool, done / 2, sums(x - 1), sums(x));
        }
    }
}

/// Runs it where the image has that many zeros and sizes are right for it.
template <class Isa>
PELLUCID_INLINE bool tried_sparse_pool(const ConvSizes& s, const float* in, const PackedWeights& packed,
                                       const float* bias, float* out, std::uint32_t* switches, Fuse fuse) {
    if constexpr (sparse_forward && Isa::sparse_pool_percent > 0) {
        if (!marks_suit(s, packed) || s.out_h > s.in_h + s.pad_top || s.out_w > s.in_w + s.pad_left) return false;
        const Marks* const marks = marks_of_few<Isa>(s, in, Isa::sparse_pool_percent);
        if (marks == nullptr) return false;
        const std::size_t block = sparse_kernel * sparse_kernel * s.in_c * pack_block;
        SparseColumn image{in, marks, 2 * SparseSizes(s).words, nullptr, block};
        const auto go = [&](auto group, std::size_t channel, std::size_t) PELLUCID_INLINE_LAMBDA {
            image.weights = packed.by_input.data() + channel / pack_block * block + channel % pack_block;
            sparse_pool_group<Isa, decltype(group)::value>(s, image, {bias, fuse, channel, out, switches});
        };
        // The weights of a group are read again for every column: they should stay in the nearest cache.
        if (Isa::width == pack_block && 2 * block * sizeof(float) <= 20480) {
            for_groups<Isa, 2>(s.out_c, go);
        } else {
            for_groups<Isa, 1>(s.out_c, go);
        }
        return true;
    }
    return false;
}

template <class Isa>
void conv_pool_traced(const ConvSizes& s, const float* in, const PackedWeights& packed, const float* bias, float* out,
                      std::uint32_t* switches, Fuse fuse) {
    if (s.out_h < 2 || s.out_w < 2 || tried_sparse_pool<Isa>(s, in, packed, bias, out, switches, fuse)) return;
    if (tried_winograd<Isa, true>(s, in, packed, bias, out, switches, fuse)) return;
    conv_pool_rows<Isa>(s, in, packed, bias, out, switches, fuse);
}

}  // namespace pellucid::simd
