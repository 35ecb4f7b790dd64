#include "pellucid/optimise/evidential.hpp"

#include "pellucid/optimise/gamma.hpp"

#include <algorithm>
#include <vector>

namespace pellucid::optimise {

namespace {

/// Adds ∂/∂α of the expected squared error to `slope`, and returns the error.
double squared_error(std::span<const double> alpha, std::size_t label, std::span<double> slope) {
    double strength = 0, error = 0, squares = 0, along = 0;  // along: Σ (y − p)·p
    for (const double a : alpha) strength += a;
    for (std::size_t k = 0; k < alpha.size(); ++k) {
        const double p = alpha[k] / strength, missing = (k == label ? 1 : 0) - p;
        error += missing * missing;
        along += missing * p;
        squares += p * p;
    }
    const double variance = (1 - squares) / (strength + 1);
    for (std::size_t k = 0; k < alpha.size(); ++k) {
        const double p = alpha[k] / strength, missing = (k == label ? 1 : 0) - p;
        slope[k] -= 2 * (missing - along + (p - squares) / (strength + 1)) / strength + variance / (strength + 1);
    }
    return error + variance;
}

/// Adds weight·∂/∂α of the divergence of what is left without the label to `slope`, and returns the divergence.
double divergence_from_nothing(std::span<const double> alpha, std::size_t label, double weight,
                               std::span<double> slope) {
    const auto classes = static_cast<double>(alpha.size());
    double left = classes;  // S̃
    for (std::size_t k = 0; k < alpha.size(); ++k) left += k == label ? 0 : alpha[k] - 1;
    const double psi = digamma(left), common = (left - classes) * trigamma(left);
    double divergence = log_gamma(left) - log_gamma(classes);
    for (std::size_t k = 0; k < alpha.size(); ++k) {
        if (k == label) continue;  // α̃ = 1 adds nothing
        divergence += (alpha[k] - 1) * (digamma(alpha[k]) - psi) - log_gamma(alpha[k]);
        slope[k] += weight * ((alpha[k] - 1) * trigamma(alpha[k]) - common);
    }
    return divergence;
}

}  // namespace

double evidential_loss(std::span<const double> logits, std::size_t label, Evidence function, double weight,
                       std::span<double> gradient) {
    std::vector<double> alpha;
    for (const double z : logits) alpha.push_back(evidence_at(function, z) + 1);
    std::fill(gradient.begin(), gradient.end(), 0.0);
    double loss = squared_error(alpha, label, gradient);
    if (weight != 0) loss += weight * divergence_from_nothing(alpha, label, weight, gradient);
    for (std::size_t k = 0; k < logits.size(); ++k) gradient[k] *= evidence_slope(function, logits[k]);
    return loss;
}

LossSum evidential_loss(const Tensor& logits, std::span<const std::uint8_t> labels, Evidence function, float weight,
                        float scale, Tensor& gradient) {
    std::vector<double> slope(sample_size(logits));
    const auto row_loss = [&](std::span<const float> z, std::size_t label, double& loss, std::span<float> g) {
        const std::vector<double> precise(z.begin(), z.end());
        loss += evidential_loss(precise, label, function, static_cast<double>(weight), slope);
        std::ranges::transform(slope, g.begin(), [&](double s) { return scale * static_cast<float>(s); });
    };
    return sum_over_rows(logits, labels, gradient, row_loss);
}

}  // namespace pellucid::optimise
