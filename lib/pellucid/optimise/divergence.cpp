#include "pellucid/optimise/divergence.hpp"

#include "pellucid/nn/softmax.hpp"

#include <cmath>
#include <vector>

namespace pellucid::optimise {

namespace {

/// In double, so that the divergence of nearly equal answers is not lost to rounding.
std::vector<double> log_shares(std::span<const float> z) {
    std::vector<double> log_p(z.size());
    log_softmax(z, std::span<double>(log_p));
    return log_p;
}

}  // namespace

void divergence_gradient(const Tensor& p, const Tensor& logits, Tensor& gradient) {
    reshape_to(gradient, logits.shape());
    for (std::size_t n = 0; n < logits.shape()[0]; ++n) {
        const std::vector<double> log_q = log_shares(sample(logits, n));
        const auto g = sample(gradient, n);
        for (std::size_t c = 0; c < g.size(); ++c)
            g[c] = static_cast<float>(std::exp(log_q[c]) - static_cast<double>(sample(p, n)[c]));
    }
}

double add_divergence(const Tensor& logits, float scale, Tensor& gradient) {
    const std::size_t half = logits.shape()[0] / 2;
    double sum = 0.0;
    for (std::size_t n = 0; n < half; ++n) {
        const std::vector<double> log_p = log_shares(sample(logits, n)), log_q = log_shares(sample(logits, half + n));
        double divergence = 0.0;
        for (std::size_t c = 0; c < log_p.size(); ++c) divergence += std::exp(log_p[c]) * (log_p[c] - log_q[c]);
        const auto by_z = sample(gradient, n), by_changed = sample(gradient, half + n);
        for (std::size_t c = 0; c < log_p.size(); ++c) {
            const double p = std::exp(log_p[c]), q = std::exp(log_q[c]);
            by_z[c] += scale * static_cast<float>(p * (log_p[c] - log_q[c] - divergence));
            by_changed[c] += scale * static_cast<float>(q - p);
        }
        sum += divergence;
    }
    return sum;
}

}  // namespace pellucid::optimise
