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

}  // namespace pellucid
