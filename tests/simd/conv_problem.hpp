/// One convolution of random numbers and its sums in double.
#pragma once

#include "reference.hpp"

#include <algorithm>

namespace pellucid::simd::test {

struct Problem {
    ConvSizes sizes;
    Floats in, weights, bias;

    Problem(const ConvSizes& s, std::uint32_t seed) : sizes(s), in(0), weights(0), bias(0) {
        Numbers numbers(seed);
        in = numbers.floats(s.in_h * s.in_w * s.in_c);
        weights = numbers.floats(s.kernel_h * s.kernel_w * s.in_c * s.out_c);
        bias = numbers.floats(s.out_c);
    }
    std::size_t outputs() const { return sizes.out_h * sizes.out_w * sizes.out_c; }
    float input(std::size_t y, std::size_t x, std::size_t ky, std::size_t kx, std::size_t i) const {
        // What lies before the image wraps around to a huge number.
        const std::size_t row = y * sizes.stride_h + ky - sizes.pad_top;
        const std::size_t column = x * sizes.stride_w + kx - sizes.pad_left;
        if (row >= sizes.in_h || column >= sizes.in_w) return 0.0F;
        return in[(row * sizes.in_w + column) * sizes.in_c + i];
    }

    std::vector<Sum> forward(bool with_bias) const {
        const ConvSizes& s = sizes;
        std::vector<Sum> sums(outputs());
        auto sum = sums.begin();
        for (std::size_t y = 0; y < s.out_h; ++y) {
            for (std::size_t x = 0; x < s.out_w; ++x) {
                for (std::size_t o = 0; o < s.out_c; ++o, ++sum) {
                    if (with_bias) sum->add(bias[o]);
                    const float* w = weights.data() + o;
                    for (std::size_t ky = 0; ky < s.kernel_h; ++ky) {
                        for (std::size_t kx = 0; kx < s.kernel_w; ++kx) {
                            for (std::size_t i = 0; i < s.in_c; ++i, w += s.out_c) {
                                sum->add(static_cast<double>(input(y, x, ky, kx, i)) * *w);
                            }
                        }
                    }
                }
            }
        }
        return sums;
    }

    /// Starts from what dw holds already, for the kernel adds.
    std::vector<Sum> weight_gradient(const Floats& grad, const Floats& dw) const {
        const ConvSizes& s = sizes;
        std::vector<Sum> sums(dw.size());
        auto sum = sums.begin();
        for (std::size_t ky = 0; ky < s.kernel_h; ++ky) {
            for (std::size_t kx = 0; kx < s.kernel_w; ++kx) {
                for (std::size_t i = 0; i < s.in_c; ++i) {
                    for (std::size_t o = 0; o < s.out_c; ++o, ++sum) {
                        sum->add(dw[static_cast<std::size_t>(sum - sums.begin())]);
                        for (std::size_t y = 0; y < s.out_h; ++y) {
                            for (std::size_t x = 0; x < s.out_w; ++x) {
                                sum->add(static_cast<double>(input(y, x, ky, kx, i)) *
                                         grad[(y * s.out_w + x) * s.out_c + o]);
                            }
                        }
                    }
                }
            }
        }
        return sums;
    }
};

inline double worst(const std::vector<Sum>& want, const Floats& got) {
    double result = 0.0;
    for (std::size_t i = 0; i < want.size(); ++i) result = std::max(result, want[i].error(got[i]));
    return result;
}

}  // namespace pellucid::simd::test
