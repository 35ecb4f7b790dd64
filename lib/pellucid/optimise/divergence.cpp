#include "pellucid/optimise/divergence.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

namespace pellucid::optimise {

namespace {

/// log softmax(z), in double so that the divergence of nearly equal answers is not lost to rounding.
void log_softmax(std::span<const float> z, std::vector<double>& out) {
    const double top = *std::max_element(z.begin(), z.end());
    double total = 0.0;
    for (const float value : z) total += std::exp(value - top);
    const double log_total = std::log(total);
    out.resize(z.size());
    for (std::size_t c = 0; c < z.size(); ++c) out[c] = z[c] - top - log_total;
}

}  // namespace

void divergence_gradient(const Tensor& p, const Tensor& logits, Tensor& gradient) {
    reshape_to(gradient, logits.shape());
    std::vector<double> log_q;
    for (std::size_t n = 0; n < logits.shape()[0]; ++n) {
        log_softmax(sample(logits, n), log_q);
        const auto g = sample(gradient, n);
        for (std::size_t c = 0; c < g.size(); ++c)
            g[c] = static_cast<float>(std::exp(log_q[c]) - static_cast<double>(sample(p, n)[c]));
    }
}

double add_divergence(const Tensor& logits, float scale, Tensor& gradient) {
    const std::size_t half = logits.shape()[0] / 2;
    std::vector<double> log_p, log_q;
    double sum = 0.0;
    for (std::size_t n = 0; n < half; ++n) {
        log_softmax(sample(logits, n), log_p);
        log_softmax(sample(logits, half + n), log_q);
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
