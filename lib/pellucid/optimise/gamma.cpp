#include "pellucid/optimise/gamma.hpp"

#include <array>
#include <cmath>
#include <cstddef>
#include <numbers>

namespace pellucid::optimise {

namespace {

/// Where the series begins: its first term left out, B₁₆/(16·15·x¹⁵), is below 1e-16 there.
constexpr double series_from = 10;

/// B₂, B₄, …, B₁₄.
constexpr std::array<double, 7> bernoulli = {1.0 / 6, -1.0 / 30, 1.0 / 42, -1.0 / 30, 5.0 / 66, -691.0 / 2730, 7.0 / 6};

/// Σ_n B₂ₙ·factor(2n)·x^−2n, the smallest term first.
template <typename Factor>
double series(double x, Factor factor) {
    const double square = 1 / (x * x);
    double sum = 0;
    for (std::size_t n = bernoulli.size(); n > 0; --n)
        sum = (sum + bernoulli[n - 1] * factor(2 * static_cast<double>(n))) * square;
    return sum;
}

}  // namespace

double log_gamma(double x) {
    double product = 1;
    for (; x < series_from; x += 1) product *= x;
    const double tail = x * series(x, [](double n) { return 1 / (n * (n - 1)); });
    return (x - 0.5) * std::log(x) - x + 0.5 * std::log(2 * std::numbers::pi) + tail - std::log(product);
}

double digamma(double x) {
    double before = 0;
    for (; x < series_from; x += 1) before += 1 / x;
    return std::log(x) - 0.5 / x - series(x, [](double n) { return 1 / n; }) - before;
}

double trigamma(double x) {
    double before = 0;
    for (; x < series_from; x += 1) before += 1 / (x * x);
    return (1 + 0.5 / x + series(x, [](double) { return 1.0; })) / x + before;
}

}  // namespace pellucid::optimise
