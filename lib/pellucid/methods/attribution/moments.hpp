/// Running sums of a sampled map's elements, and what they say of its mean and variance.
#pragma once

#include "pellucid/simd/kernels.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <vector>

namespace pellucid::methods {

/// Sums of v and v², and where asked of v³ and v⁴, per element. The count of samples is the caller's, since batches
/// finish input by input.
class Moments {
public:
    /// For `inputs` of `elements` each; `powers`: 2, or 4 for the errors of mean squares and variances.
    Moments(std::size_t inputs, std::size_t elements, std::size_t powers = 2)
        : elements_(elements), powers_(powers), sums_(inputs * powers * elements, 0.0) {}

    /// One sample of an input's elements.
    void add(std::size_t input, std::span<const float> values) {
        simd::kernels().add_powers(elements_, powers_, values.data(), sums_.data() + input * powers_ * elements_);
    }

    // Element i is counted over all inputs.
    double mean(std::size_t i, double count) const { return raw(i, 1, count); }
    double mean_square(std::size_t i, double count) const { return raw(i, 2, count); }
    /// E[v²] − E[v]², as the methods define it (not n − 1).
    double variance(std::size_t i, double count) const {
        return std::max(raw(i, 2, count) - raw(i, 1, count) * raw(i, 1, count), 0.0);
    }

    /// √(s²/n) with s² = variance·n/(n − 1); 0 below two samples, where nothing is known.
    double standard_error_of_mean(std::size_t i, double count) const { return error(variance(i, count), count); }
    double standard_error_of_mean_square(std::size_t i, double count) const {
        return error(std::max(raw(i, 4, count) - raw(i, 2, count) * raw(i, 2, count), 0.0), count);
    }
    /// √((μ₄ − σ⁴)/(n − 1)), μ₄ the fourth central moment: the large-sample error of a variance.
    double standard_error_of_variance(std::size_t i, double count) const {
        const double m = raw(i, 1, count), v = variance(i, count);
        const double fourth =
            raw(i, 4, count) - 4 * m * raw(i, 3, count) + 6 * m * m * raw(i, 2, count) - 3 * m * m * m * m;
        return error(std::max(fourth - v * v, 0.0), count);
    }

private:
    double raw(std::size_t i, std::size_t power, double count) const {
        return sums_[(i / elements_ * powers_ + power - 1) * elements_ + i % elements_] / count;
    }
    static double error(double spread, double count) { return count < 2 ? 0.0 : std::sqrt(spread / (count - 1)); }

    std::size_t elements_, powers_;
    std::vector<double> sums_;
};

}  // namespace pellucid::methods
