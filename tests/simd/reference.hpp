/// What the tests of kernels share: guarded arrays, random numbers, double sums with their scale, shapes.
#pragma once

#include "pellucid/simd/kernels.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace pellucid::simd::test {

/// An array between two guards that no kernel may touch, at an odd offset so that nothing is aligned by chance.
template <class T>
class Guarded {
public:
    explicit Guarded(std::size_t count, T value = T(0)) : count_(count), all_(count + 2 * guard, canary) {
        std::fill(data(), data() + count, value);
    }
    T* data() { return all_.data() + guard; }
    const T* data() const { return all_.data() + guard; }
    std::size_t size() const { return count_; }
    T& operator[](std::size_t i) { return data()[i]; }
    const T& operator[](std::size_t i) const { return data()[i]; }
    bool intact() const {
        for (std::size_t i = 0; i < guard; ++i) {
            if (all_[i] != canary || all_[guard + count_ + i] != canary) return false;
        }
        return true;
    }

private:
    static constexpr std::size_t guard = 67;
    static constexpr T canary = T(12345);
    std::size_t count_;
    std::vector<T> all_;
};

using Floats = Guarded<float>;

/// The same numbers everywhere, in [−1, 1); a quarter of them zero, as after a ReLU.
class Numbers {
public:
    explicit Numbers(std::uint32_t seed) : state_(seed * 2654435761U + 1) {}
    std::uint32_t below(std::uint32_t limit) {
        state_ = state_ * 1664525U + 1013904223U;
        return static_cast<std::uint32_t>((static_cast<std::uint64_t>(state_) * limit) >> 32U);
    }
    float next() {
        const auto value = static_cast<float>(below(1U << 24U)) / static_cast<float>(1U << 23U) - 1.0F;
        return below(4) == 0 ? 0.0F : value;
    }
    Floats floats(std::size_t count) {
        Floats result(count);
        for (std::size_t i = 0; i < count; ++i) result[i] = next();
        return result;
    }

private:
    std::uint32_t state_;
};

/// A sum in double with the sum of its terms' sizes, which says how much rounding is fair.
struct Sum {
    double value = 0.0;
    double scale = 0.0;
    void add(double term) {
        value += term;
        scale += std::abs(term);
    }
    /// Distance of `got` in units of the tolerance: at most 1 is right.
    double error(float got) const { return std::abs(static_cast<double>(got) - value) / (2e-6 * scale + 1e-30); }
};

inline std::string describe(const ConvSizes& s) {
    const auto pair = [](std::size_t a, std::size_t b) { return std::to_string(a) + "x" + std::to_string(b); };
    return "in " + pair(s.in_h, s.in_w) + "x" + std::to_string(s.in_c) + ", out " + pair(s.out_h, s.out_w) + "x" +
           std::to_string(s.out_c) + ", kernel " + pair(s.kernel_h, s.kernel_w) + ", stride " +
           pair(s.stride_h, s.stride_w) + ", padding " + pair(s.pad_top, s.pad_left);
}

/// A convolution of these outputs over an input that may be larger than needed by `spare` columns and rows.
inline ConvSizes sizes(std::size_t out_h, std::size_t out_w, std::size_t in_c, std::size_t out_c, std::size_t kernel_h,
                       std::size_t kernel_w, std::size_t stride_h, std::size_t stride_w, std::size_t spare) {
    return {(out_h - 1) * stride_h + kernel_h + spare,
            (out_w - 1) * stride_w + kernel_w + spare,
            in_c,
            out_h,
            out_w,
            out_c,
            kernel_h,
            kernel_w,
            stride_h,
            stride_w};
}

/// The same over an image that lacks `top` rows and `left` columns before it and `bottom` and `right`
/// after it.
inline ConvSizes with_padding(ConvSizes s, std::size_t top, std::size_t left, std::size_t bottom, std::size_t right) {
    s.pad_top = top;
    s.pad_left = left;
    s.in_h -= top + bottom;
    s.in_w -= left + right;
    return s;
}

/// Convolutions whose padding is not stored: as networks have them, then random ones.
inline std::vector<ConvSizes> padded_cases() {
    std::vector<ConvSizes> cases;
    for (const std::size_t hw : {1, 2, 3, 7, 14, 28, 29}) {
        for (const std::size_t out_c : {1, 3, 8, 33}) {
            for (const std::size_t in_c : {1, 3, 8}) {
                for (const std::size_t pad : {1, 2}) {
                    const std::size_t kernel = 2 * pad + 1;
                    cases.push_back(
                        with_padding(sizes(hw, hw, in_c, out_c, kernel, kernel, 1, 1, 0), pad, pad, pad, pad));
                }
            }
        }
    }
    Numbers numbers(11);
    for (int i = 0; i < 200; ++i) {
        const auto pick = [&numbers](std::size_t first, std::size_t last) {
            return first + numbers.below(static_cast<std::uint32_t>(last - first + 1));
        };
        const std::size_t in_c = pick(0, 1) == 0 ? 4 * pick(1, 5) : pick(1, 20);
        const ConvSizes s = sizes(pick(1, 9), pick(1, 20), in_c, pick(1, 40), pick(1, 5), pick(1, 5), pick(1, 3),
                                  pick(1, 3), pick(0, 1));
        // At least one row and column is stored.
        const std::size_t top = pick(0, std::min<std::size_t>(4, s.in_h - 1));
        const std::size_t left = pick(0, std::min<std::size_t>(4, s.in_w - 1));
        const std::size_t bottom = pick(0, std::min<std::size_t>(3, s.in_h - 1 - top));
        const std::size_t right = pick(0, std::min<std::size_t>(3, s.in_w - 1 - left));
        cases.push_back(with_padding(s, top, left, bottom, right));
    }
    return cases;
}

/// Odd shapes first, then random ones.
inline std::vector<ConvSizes> conv_cases() {
    std::vector<ConvSizes> cases;
    for (const std::size_t out_c : {1, 2, 3, 4, 5, 15, 16, 17, 32, 33, 48, 65}) {
        for (const std::size_t in_c : {1, 3, 16, 17, 33}) {
            cases.push_back(sizes(1, 1, in_c, out_c, 1, 1, 1, 1, 0));
            cases.push_back(sizes(3, 7, in_c, out_c, 3, 3, 1, 1, 0));
        }
    }
    for (std::size_t out_w = 1; out_w <= 34; ++out_w) {
        for (const std::size_t out_c : {1, 7, 16, 40}) cases.push_back(sizes(2, out_w, 2, out_c, 3, 2, 1, 1, 0));
    }
    for (std::size_t kernel_h = 1; kernel_h <= 5; ++kernel_h) {
        for (std::size_t kernel_w = 1; kernel_w <= 5; ++kernel_w) {
            cases.push_back(sizes(5, 6, 1, 16, kernel_h, kernel_w, 1, 1, 0));
            cases.push_back(sizes(3, 5, 4, 6, kernel_h, kernel_w, 1, 2, 1));
            cases.push_back(sizes(4, 2, 5, 2, kernel_h, kernel_w, 3, 1, 2));
        }
    }
    Numbers numbers(7);
    const auto pick = [&numbers](std::uint32_t first, std::uint32_t last) {
        return static_cast<std::size_t>(first + numbers.below(last - first + 1));
    };
    for (int i = 0; i < 60; ++i) {
        cases.push_back(sizes(pick(1, 9), pick(1, 30), pick(1, 35), pick(1, 50), pick(1, 5), pick(1, 5), pick(1, 3),
                              pick(1, 3), pick(0, 2)));
    }
    return cases;
}

}  // namespace pellucid::simd::test
