/// Random numbers that are the same for the same seed on every platform.
///
/// The engine is std::mt19937, which the standard fixes bit for bit; the standard's distributions are not fixed,
/// so the few that are needed are written out here.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numbers>
#include <random>
#include <utility>

namespace pellucid {

class Random {
public:
    explicit Random(std::uint32_t seed = 0) : engine_(seed) {}

    /// Uniform in [0, 1).
    float uniform() { return static_cast<float>(engine_() >> 8U) * 0x1.0p-24F; }

    /// Uniform in [low, high).
    float uniform(float low, float high) { return low + (high - low) * uniform(); }

    /// Uniform in 0 … count − 1; count > 0.
    std::size_t below(std::size_t count) {
        return static_cast<std::size_t>((static_cast<std::uint64_t>(engine_()) * count) >> 32U);
    }

    /// Standard normal, by Box and Muller.
    float normal() {
        if (has_spare_) {
            has_spare_ = false;
            return spare_;
        }
        const double radius = std::sqrt(-2.0 * std::log(1.0 - static_cast<double>(uniform())));
        const double angle = 2.0 * std::numbers::pi * static_cast<double>(uniform());
        spare_ = static_cast<float>(radius * std::sin(angle));
        has_spare_ = true;
        return static_cast<float>(radius * std::cos(angle));
    }

    /// Fisher–Yates shuffle of a random-access range.
    template <typename Range>
    void shuffle(Range& range) {
        for (std::size_t i = std::size(range); i > 1; --i) std::swap(range[i - 1], range[below(i)]);
    }

private:
    std::mt19937 engine_;
    float spare_ = 0.0F;
    bool has_spare_ = false;
};

/// What random numbers are for: keeps streams of the same seed apart. Values are fixed, since results depend on them.
enum class Purpose : std::uint32_t {
    noise = 1,        ///< what is added to an input
    masks = 2,        ///< what of an input is shown
    baselines = 3,    ///< which references, and which points on the way to them
    start = 4,        ///< where a search or a synthesis begins
    code = 5,         ///< inputs of a generator
    transform = 6,    ///< jitter, turns and scalings of a synthesis
    subset = 7,       ///< which samples, features or units are taken
    permutation = 8,  ///< in which order they are
    sampling = 9,     ///< draws of a Markov chain, or of a distribution that a network gives
    parameters = 10   ///< weights that are drawn anew, as a control
};

/// 64 well mixed bits for one stream: the finaliser of splitmix64, once per number. Nothing depends on a generator that
/// goes on running, so that work may be spread over threads and batches in any way.
/// `sample`: which sample of a data set it is, never its place in a batch: an input alone, and whatever is the same for
/// all inputs, is 0. `n`: the number of the draw (a noisy copy, a mask, a restart, an epoch).
inline std::uint64_t stream_bits(std::uint32_t seed, Purpose purpose, std::uint64_t sample = 0, std::uint64_t n = 0) {
    std::uint64_t state = 0;
    for (const std::uint64_t part : {std::uint64_t{seed}, static_cast<std::uint64_t>(purpose), sample, n}) {
        state += 0x9e3779b97f4a7c15ULL + part;
        state = (state ^ (state >> 30U)) * 0xbf58476d1ce4e5b9ULL;
        state = (state ^ (state >> 27U)) * 0x94d049bb133111ebULL;
        state ^= state >> 31U;
    }
    return state;
}

/// The generator of that stream.
inline Random stream(std::uint32_t seed, Purpose purpose, std::uint64_t sample = 0, std::uint64_t n = 0) {
    return Random(static_cast<std::uint32_t>(stream_bits(seed, purpose, sample, n)));
}

}  // namespace pellucid
