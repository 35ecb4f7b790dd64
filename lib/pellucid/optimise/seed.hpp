/// Independent random streams from one seed.
///
/// Training draws nothing from a running generator: what a step needs follows from (seed, purpose, epoch, sample)
/// alone. So results do not depend on how work is spread over threads, and a checkpoint needs no generator state.
/// Like stream() in random.hpp, but that seed and purpose are not mixed apart; the numbers stay as they are, because a
/// recipe must give the same weights for ever.
#pragma once

#include <cstdint>

namespace pellucid::optimise {

/// What a random stream is for; keeps streams of the same numbers apart.
enum class Stream : std::uint32_t {
    weights = 1,
    order = 2,
    augmentation = 3,
    dropout = 4,
    defence = 5,
    round = 6,
    noise = 8
};

/// A well mixed 32-bit seed for one stream (the finaliser of splitmix64, once per part).
inline std::uint32_t derive_seed(std::uint32_t seed, Stream stream, std::uint64_t a = 0, std::uint64_t b = 0) {
    std::uint64_t state = seed;
    for (const std::uint64_t part : {static_cast<std::uint64_t>(stream), a, b}) {
        state += 0x9e3779b97f4a7c15ULL + part;
        state = (state ^ (state >> 30U)) * 0xbf58476d1ce4e5b9ULL;
        state = (state ^ (state >> 27U)) * 0x94d049bb133111ebULL;
        state ^= state >> 31U;
    }
    return static_cast<std::uint32_t>(state);
}

}  // namespace pellucid::optimise
