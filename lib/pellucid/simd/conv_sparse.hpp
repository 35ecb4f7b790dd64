/// Convolution of an image most of whose values are 0, such as the signal behind the gradient of a max-pool or a ReLU.
///
/// The sum is that of conv.hpp at stride 1, in another order: every input that is not 0 is multiplied with the whole
/// kernel and added to the outputs around it; inputs that are 0 cost nothing. The image is walked down in pairs of
/// columns, and the sums of the K output rows that the present input row reaches are kept in registers until the last
/// such row has been added. A frame around the outputs takes the contributions that fall outside, so that the edges
/// need no special case. Which channels of a pixel are not 0 is found beforehand and kept as one bit each (Marks): the
/// loop over them then knows its length before it starts, which keeps the cost of mispredicted branches low. Cost:
/// kernel_h·kernel_w·out_c multiply-adds for every value that is not 0, and a look at every value.
#pragma once

#include "pellucid/simd/conv.hpp"

namespace pellucid::simd {

/// One bit for each of up to 64 channels of a pixel: whether its value is not 0.
using Marks = std::uint64_t;
inline constexpr std::size_t marked = 64;

/// Values of a pair of columns, row by row, and which of their channels are not 0.
struct SparseImage {
    const Marks* marks;  ///< [pair][row][column of the pair][64 channels]
    const float* values;
    std::size_t next_pair, next_column;
    std::size_t next_row[2];  ///< after an even and after an odd row
};

/// Sizes of an image by pairs of columns, of its marks and of the frame in which its sums meet.
struct SparseSizes {
    std::size_t pairs, words, marks, row_step, floats;

    PELLUCID_INLINE explicit SparseSizes(const ConvSizes& s)
        : pairs((s.in_w + 1) / 2),
          words((s.in_c + marked - 1) / marked),
          marks(pairs * s.in_h * 2 * words),
          row_step((2 * pairs + sparse_kernel - 1) * pack_block),
          floats((s.in_h + sparse_kernel - 1) * row_step) {}
};

/// Calls use(first channel, valid lanes) for vectors that cover `channels`, which come in fours.
template <class Isa, class F>
PELLUCID_INLINE void for_channels(std::size_t channels, const F& use) {
    for (std::size_t c = 0; c < channels; c += Isa::width) {
        use(c, Isa::width > 4 && channels - c < Isa::width ? channels - c : Isa::width);
    }
}

/// Marks the values that are not 0 and returns how many there are.
template <class Isa>
PELLUCID_TILE std::size_t mark_values(const ConvSizes& s, const float* in, Marks* marks) {
    const SparseSizes sizes(s);
    std::size_t count = 0;
    PELLUCID_SMALL
    for (std::size_t i = 0; s.in_w % 2 != 0 && i < sizes.marks; ++i) marks[i] = 0;
    for (std::size_t y = 0; y < s.in_h; ++y) {
        for (std::size_t x = 0; x < s.in_w; ++x) {
            Marks* to = marks + ((x / 2 * s.in_h + y) * 2 + x % 2) * sizes.words;
            for (std::size_t left = s.in_c; left > 0;) {
                const std::size_t channels = left < marked ? left : marked;
                Marks bits = 0;
                for_channels<Isa>(channels, [&](std::size_t c, std::size_t lanes) PELLUCID_INLINE_LAMBDA {
                    bits |= Marks{Isa::bits(load_lanes<Isa>(in + c, lanes) != Isa::zero())} << c;
                });
                *to++ = bits;
                count += static_cast<std::size_t>(__builtin_popcountll(bits));
                in += channels;
                left -= channels;
            }
        }
    }
    return count;
}

/// Room for the marks of an image.
PELLUCID_INLINE Marks* marks_of(const ConvSizes& s) {
    constexpr std::size_t floats = sizeof(Marks) / sizeof(float);
    return reinterpret_cast<Marks*>(scratch(Scratch::sparse, SparseSizes(s).marks * floats));
}

/// The marks of an image of which at most that many percent are not 0, or null.
template <class Isa>
PELLUCID_INLINE Marks* marks_of_few(const ConvSizes& s, const float* in, std::size_t percent) {
    Marks* const marks = marks_of(s);
    const std::size_t row = s.in_w * s.in_c;
    // Drawings leave their edges empty: what is too much in the middle is not worth a look at all of it.
    ConvSizes middle = s;
    middle.in_h = 1;
    if (100 * mark_values<Isa>(middle, in + s.in_h / 2 * row, marks) > percent * (row + row / 4)) return nullptr;
    return 100 * mark_values<Isa>(s, in, marks) <= percent * s.in_h * row ? marks : nullptr;
}

/// Marks where a 2×2 max-pool's cells send what is not 0: switches, grad (in_h/2, in_w/2, in_c).
template <class Isa>
PELLUCID_TILE void mark_cells(const ConvSizes& s, const std::uint32_t* switches, const float* grad, Marks* marks) {
    const SparseSizes sizes(s);
    PELLUCID_SMALL
    for (std::size_t i = 0; s.in_h % 2 + s.in_w % 2 != 0 && i < sizes.marks; ++i) marks[i] = 0;
    for (std::size_t y = 0; y + 1 < s.in_h; y += 2) {
        for (std::size_t x = 0; x + 1 < s.in_w; x += 2) {
            Marks* to = marks + (x / 2 * s.in_h + y) * 2 * sizes.words;
            const auto corner = static_cast<std::uint32_t>(y * s.in_w + x);
            const auto below = corner + static_cast<std::uint32_t>(s.in_w);
            for (std::size_t left = s.in_c; left > 0; ++to) {
                const std::size_t channels = left < marked ? left : marked;
                Marks bits[4] = {};
                for_channels<Isa>(channels, [&](std::size_t c, std::size_t lanes) PELLUCID_INLINE_LAMBDA {
                    const auto at = load_lanes<Isa>(switches + c, lanes);
                    const auto there = load_lanes<Isa>(grad + c, lanes) != Isa::zero();
                    repeat<4>([&]<std::size_t place>() PELLUCID_INLINE_LAMBDA {
                        const auto number = Isa::index((place < 2 ? corner : below) + place % 2);
                        bits[place] |= Marks{Isa::bits(Isa::equal(at, number) & there)} << c;
                    });
                });
                repeat<4>([&]<std::size_t place>() PELLUCID_INLINE_LAMBDA { to[place * sizes.words] = bits[place]; });
                switches += channels;
                grad += channels;
                left -= channels;
            }
        }
    }
}

/// One pair of columns through one vector of a block of weights: to `to`, the first output of the first row.
template <class Isa>
PELLUCID_TILE void sparse_pair(const ConvSizes& s, const SparseImage& image, const float* weights, float* to,
                               bool first) {
    using Vector = typename Isa::Vector;
    constexpr std::size_t K = sparse_kernel;
    constexpr std::size_t taps = K * K * pack_block;
    const std::size_t row_step = SparseSizes(s).row_step;
    Vector acc[K][K + 1];
    const auto clear = [&]<std::size_t r>() PELLUCID_INLINE_LAMBDA {
        repeat<K + 1>([&]<std::size_t c>() PELLUCID_INLINE_LAMBDA { acc[r][c] = Isa::zero(); });
    };
    repeat<K>(clear);
    const Marks* marks = image.marks;
    const float* row = image.values;
    for (std::size_t y = 0; y < s.in_h + K - 1; row += image.next_row[y % 2], ++y) {
        const std::size_t channels = y < s.in_h ? s.in_c : 0;
        repeat<2>([&]<std::size_t column>() PELLUCID_INLINE_LAMBDA {
            const float* values = row + column * image.next_column;
            const float* w = weights;
            for (std::size_t c = 0; c < channels; c += marked, values += marked, w += marked * taps) {
                for (Marks bits = *marks++; bits != 0; bits &= bits - 1) {
                    const auto i = static_cast<std::size_t>(__builtin_ctzll(bits));
                    const Vector value = Isa::splat(values[i]);
                    const float* const tap = w + i * taps;
                    repeat<K * K>([&]<std::size_t t>() PELLUCID_INLINE_LAMBDA {
                        Vector& sum = acc[t / K][t % K + column];
                        sum = Isa::multiply_add(value, Isa::load(tap + t * pack_block), sum);
                    });
                }
            }
        });
        repeat<K + 1>([&]<std::size_t c>() PELLUCID_INLINE_LAMBDA {
            float* const at = to + c * pack_block;
            const bool fresh = c >= K - 1 || first;
            Isa::store(at, fresh ? acc[0][c] : Vector(acc[0][c] + Isa::load(at)));
        });
        repeat<K - 1>([&]<std::size_t r>() PELLUCID_INLINE_LAMBDA {
            repeat<K + 1>([&]<std::size_t c>() PELLUCID_INLINE_LAMBDA { acc[r][c] = Isa::copy(acc[r + 1][c]); });
        });
        clear.template operator()<K - 1>();
        to += row_step;
    }
}

/// What is done to the complete sums.
struct SparseEnd {
    const float* bias = nullptr;  ///< null = none
    Fuse fuse = Fuse::none;
};

/// Sums from their frame to the outputs, `lanes` channels of them; outputs that no input reaches have the bias alone.
template <class Isa>
PELLUCID_INLINE void take_sums(const ConvSizes& s, const float* sums, std::size_t lanes, const SparseEnd& end,
                               float* out) {
    constexpr std::size_t frame = sparse_kernel - 1;
    const std::size_t row_step = SparseSizes(s).row_step;
    const float* from = sums + (frame - s.pad_top) * row_step + (frame - s.pad_left) * pack_block;
    for (std::size_t y = 0; y < s.out_h; ++y, from += row_step) {
        for (std::size_t x = 0; x < s.out_w; ++x, out += s.out_c) {
            const bool reached = y < s.in_h + s.pad_top && x < s.in_w + s.pad_left;
            for_channels<Isa>(lanes, [&](std::size_t c, std::size_t count) PELLUCID_INLINE_LAMBDA {
                auto sum = reached ? Isa::load(from + x * pack_block + c) : Isa::zero();
                if constexpr (sparse_forward) {
                    if (end.bias != nullptr) sum = sum + load_lanes<Isa>(end.bias + c, count);
                    if (end.fuse == Fuse::relu) sum = Isa::max(sum, Isa::zero());
                }
                store_lanes<Isa>(out + c, sum, count);
            });
        }
    }
}

template <class Isa>
PELLUCID_TILE void conv_marked(const ConvSizes& s, const SparseImage& image, const PackedWeights& packed, SparseEnd end,
                               float* out) {
    const SparseSizes sizes(s);
    const std::size_t block = sparse_kernel * sparse_kernel * s.in_c * pack_block;
    float* const sums = scratch(Scratch::rows, sizes.floats);
    for (std::size_t channel = 0; channel < s.out_c; channel += pack_block) {
        const float* const weights = packed.by_input.data() + channel / pack_block * block;
        SparseImage pair = image;
        for (std::size_t x = 0; x < sizes.pairs; ++x) {
            for (std::size_t v = 0; v < pack_block; v += Isa::width) {
                sparse_pair<Isa>(s, pair, weights + v, sums + 2 * x * pack_block + v, x == 0);
            }
            pair.values += image.next_pair;
            pair.marks += 2 * s.in_h * sizes.words;
        }
        const std::size_t left = s.out_c - channel;
        take_sums<Isa>(s, sums, left < pack_block ? left : pack_block, end, out + channel);
        if (sparse_forward && end.bias != nullptr) end.bias += pack_block;
    }
}

/// conv_sparse of what a 2×2 max-pool sends back.
template <class Isa>
void conv_cells(const ConvSizes& s, const std::uint32_t* switches, const float* grad, const PackedWeights& packed,
                float* out) {
    Marks* const marks = marks_of(s);
    mark_cells<Isa>(s, switches, grad, marks);
    conv_marked<Isa>(s, {marks, grad, s.in_c, 0, {0, s.in_w / 2 * s.in_c}}, packed, {}, out);
}

template <class Isa>
void conv_sparse(const ConvSizes& s, const float* in, const PackedWeights& packed, const float* bias, float* out,
                 Fuse fuse) {
    assert(sparse_forward || (bias == nullptr && fuse == Fuse::none));
    if (marks_suit(s, packed)) {
        if (const Marks* const marks = marks_of_few<Isa>(s, in, Isa::sparse_percent)) {
            const std::size_t row = s.in_w * s.in_c;
            return conv_marked<Isa>(s, {marks, in, 2 * s.in_c, s.in_c, {row, row}}, packed, {bias, fuse}, out);
        }
    }
    conv<Isa>(s, in, packed, bias, out, fuse);
}

}  // namespace pellucid::simd
