#include "pellucid/methods/perturbation/least_squares.hpp"

#include <algorithm>
#include <cmath>

namespace pellucid::methods {

namespace {

/// A symmetric positive definite matrix, n × n, of which the upper triangle is given; solves A·x = b for several b.
class Cholesky {
public:
    Cholesky(std::vector<double> matrix, std::size_t n) : l_(std::move(matrix)), n_(n) {
        for (std::size_t i = 0; i < n_; ++i) {
            for (std::size_t j = i; j < n_; ++j) {
                double sum = l_[i * n_ + j];
                for (std::size_t k = 0; k < i; ++k) sum -= l_[k * n_ + i] * l_[k * n_ + j];
                l_[i * n_ + j] = i == j ? std::sqrt(std::max(sum, 1e-300)) : sum / l_[i * n_ + i];
            }
        }
    }

    // Uᵀ·(U·x) = b, U the upper triangle that stands in l_.
    std::vector<double> solve(std::vector<double> x) const {
        for (std::size_t i = 0; i < n_; ++i) {
            for (std::size_t k = 0; k < i; ++k) x[i] -= l_[k * n_ + i] * x[k];
            x[i] /= l_[i * n_ + i];
        }
        for (std::size_t i = n_; i-- > 0;) {
            for (std::size_t k = i + 1; k < n_; ++k) x[i] -= l_[i * n_ + k] * x[k];
            x[i] /= l_[i * n_ + i];
        }
        return x;
    }

private:
    std::vector<double> l_;
    std::size_t n_;
};

}  // namespace

CoalitionSums::CoalitionSums(std::size_t players)
    : players_(players), shown_(players, 0.0), products_(players, 0.0), together_(players * players, 0.0) {}

void CoalitionSums::add(std::span<const std::uint8_t> shown, double value, double weight) {
    members_.clear();
    for (std::size_t i = 0; i < players_; ++i) {
        if (shown[i] != 0) members_.push_back(i);
    }
    weights_ += weight;
    values_ += weight * value;
    squares_ += weight * value * value;
    for (std::size_t a = 0; a < members_.size(); ++a) {
        const std::size_t i = members_[a];
        shown_[i] += weight;
        products_[i] += weight * value;
        double* row = together_.data() + i * players_;
        for (std::size_t b = a; b < members_.size(); ++b) row[members_[b]] += weight;
    }
}

CoalitionSums::Surrogate CoalitionSums::ridge(double alpha) const {
    Surrogate surrogate{std::vector<double>(players_, 0.0), 0.0, 1.0};
    if (weights_ <= 0) return surrogate;
    // What the samples leave open has to be something: with alpha 0, next to nothing.
    double trace = 0;
    for (std::size_t i = 0; i < players_; ++i) trace += together_[i * players_ + i];
    alpha = std::max(alpha, 1e-10 * trace / static_cast<double>(std::max<std::size_t>(players_, 1)));
    // Weighted covariances: centring takes the intercept out.
    std::vector<double> matrix = together_, right(players_);
    for (std::size_t i = 0; i < players_; ++i) {
        right[i] = products_[i] - shown_[i] * values_ / weights_;
        for (std::size_t j = i; j < players_; ++j) matrix[i * players_ + j] -= shown_[i] * shown_[j] / weights_;
        matrix[i * players_ + i] += alpha;
    }
    surrogate.coefficients = Cholesky(std::move(matrix), players_).solve(right);
    const double variance = squares_ - values_ * values_ / weights_;
    surrogate.intercept = values_ / weights_;
    double left = variance;
    for (std::size_t i = 0; i < players_; ++i) {
        const double c = surrogate.coefficients[i];
        surrogate.intercept -= c * shown_[i] / weights_;
        // The residual's sum of squares: Σw(y−ŷ)² = S_yy − 2c·S_zy + c·S_zz·c, and S_zz·c = S_zy − alpha·c.
        left -= c * (right[i] + alpha * c);
    }
    // Rounding of the sums must not read as a fit of nothing.
    surrogate.fit = variance > 1e-12 * squares_ ? std::clamp(1 - left / variance, 0.0, 1.0) : 1.0;
    return surrogate;
}

std::vector<double> CoalitionSums::with_sum(double total) const {
    const auto n = static_cast<double>(players_);
    std::vector<double> solution(players_, players_ == 0 ? 0.0 : total / n);
    if (players_ < 2) return solution;
    // c = total/n + d with Σd = 0: (A + λ)d = right − μ·1. λ only decides what the coalitions leave open.
    std::vector<double> matrix = together_, right = products_;
    double trace = 0;
    for (std::size_t i = 0; i < players_; ++i) {
        trace += together_[i * players_ + i];
        for (std::size_t j = 0; j < players_; ++j) {
            right[i] -= together_[std::min(i, j) * players_ + std::max(i, j)] * total / n;
        }
    }
    for (std::size_t i = 0; i < players_; ++i) matrix[i * players_ + i] += std::max(1e-10 * trace / n, 1e-200);
    const Cholesky factors(std::move(matrix), players_);
    const std::vector<double> free = factors.solve(right), ones = factors.solve(std::vector<double>(players_, 1.0));
    double sum = 0, sum_of_ones = 0;
    for (std::size_t i = 0; i < players_; ++i) {
        sum += free[i];
        sum_of_ones += ones[i];
    }
    for (std::size_t i = 0; i < players_; ++i) solution[i] += free[i] - ones[i] * sum / sum_of_ones;
    return solution;
}

}  // namespace pellucid::methods
