#include "pellucid/optimise/terms.hpp"

#include <algorithm>
#include <cmath>

namespace pellucid::optimise {

double squared_distance(Numbers x, Numbers to, Numbers weights, double scale, std::span<float> gradient) {
    double sum = 0;
    for (std::size_t i = 0; i < x.size(); ++i) {
        const double d = static_cast<double>(x[i]) - (to.empty() ? 0.0 : static_cast<double>(to[i]));
        const double w = weights.empty() ? 1.0 : static_cast<double>(weights[i]);
        sum += w * d * d;
        gradient[i] += static_cast<float>(2 * scale * w * d);
    }
    return sum;
}

double squared_distance(Numbers x, Numbers to, double scale, std::span<float> gradient) {
    return squared_distance(x, to, {}, scale, gradient);
}

double total_variation(const Shape& shape, Numbers x, double beta, double scale, std::span<float> gradient) {
    constexpr double epsilon = 1e-8;
    const double flat = std::pow(epsilon, beta / 2);
    const std::size_t rows = shape[1], columns = shape[2], channels = shape[3], row = columns * channels;
    double sum = 0;
    for (std::size_t i = 0; i < x.size(); ++i) {
        const bool last_column = i / channels % columns == columns - 1, last_row = i / row == rows - 1;
        const double here = x[i];
        const double dx = last_column ? 0.0 : static_cast<double>(x[i + channels]) - here;
        const double dy = last_row ? 0.0 : static_cast<double>(x[i + row]) - here;
        const double square = dx * dx + dy * dy + epsilon;
        sum += std::pow(square, beta / 2) - flat;
        const double slope = scale * beta * std::pow(square, beta / 2 - 1);
        gradient[i] -= static_cast<float>(slope * (dx + dy));
        if (!last_column) gradient[i + channels] += static_cast<float>(slope * dx);
        if (!last_row) gradient[i + row] += static_cast<float>(slope * dy);
    }
    return sum;
}

double log_softmax_at(Numbers logits, std::size_t label, double scale, std::span<float> gradient) {
    const double top = *std::ranges::max_element(logits);
    double total = 0, others = 0;
    for (std::size_t c = 0; c < logits.size(); ++c) {
        const double e = std::exp(static_cast<double>(logits[c]) - top);
        total += e;
        if (c != label) others += e;
    }
    for (std::size_t c = 0; c < logits.size(); ++c) {
        const double p = std::exp(static_cast<double>(logits[c]) - top) / total;
        gradient[c] += static_cast<float>(scale * (c == label ? others / total : -p));
    }
    const double own = static_cast<double>(logits[label]) - top;
    // Where the label leads, top is its own logit and total = 1 + others.
    return own == 0 ? -std::log1p(others) : own - std::log(total);
}

double log_sigmoid(float logit, bool yes, double scale, float& gradient) {
    const double z = yes ? static_cast<double>(logit) : -static_cast<double>(logit);
    const double slope = 1 / (1 + std::exp(z));
    gradient += static_cast<float>(scale * (yes ? slope : -slope));
    return z < 0 ? z - std::log1p(std::exp(z)) : -std::log1p(std::exp(-z));
}

double margin(Numbers logits, std::size_t label, bool away, double kappa, double scale, std::span<float> gradient) {
    if (logits.size() == 1) {
        const double sign = (label == 1) == away ? 1.0 : -1.0;
        const double left = kappa + sign * static_cast<double>(logits[0]);
        if (left > 0) gradient[0] += static_cast<float>(scale * sign);
        return std::max(0.0, left);
    }
    std::size_t rival = label == 0 ? 1 : 0;
    for (std::size_t c = 0; c < logits.size(); ++c) {
        if (c != label && logits[c] > logits[rival]) rival = c;
    }
    const std::size_t down = away ? label : rival, up = away ? rival : label;
    const double left = kappa + static_cast<double>(logits[down]) - static_cast<double>(logits[up]);
    if (left <= 0) return 0;
    gradient[down] += static_cast<float>(scale);
    gradient[up] -= static_cast<float>(scale);
    return left;
}

}  // namespace pellucid::optimise
