#include "pellucid/methods/perturbation/smooth_mask.hpp"

#include "pellucid/error.hpp"

#include <algorithm>
#include <cmath>

namespace pellucid::methods {

namespace {

constexpr double coldness = 20;
/// exp(20·w·m) is looked up at m rounded to 1/256; a polynomial does the rest, to 1e-9.
constexpr std::size_t power_steps = 256;
/// Above, exponentials are computed once more for the gradient: memory would matter more than time.
constexpr std::size_t most_kept = std::size_t{1} << 18U;

}  // namespace

SmoothMask::SmoothMask(std::size_t height, std::size_t width, std::size_t step, double sigma) : step_(step) {
    if (static_cast<double>(step) > sigma) {
        fail(ErrorCode::bad_argument,
             "extremal_perturbation: a spacing of {} px leaves gaps between discs of sigma {} px; sigma at most is right", step,
             sigma);
    }
    rows_ = axis(height, sigma);
    columns_ = axis(width, sigma);
    std::vector<double> weights, powers;
    for (std::size_t y = 0; y < rows_.side(); ++y) {
        for (std::size_t x = 0; x < columns_.side(); ++x) {
            const double distance = std::hypot(static_cast<double>(y) - static_cast<double>(rows_.before),
                                               static_cast<double>(x) - static_cast<double>(columns_.before));
            const double beyond = std::max(distance / sigma - 0.5, 0.0);
            weights.push_back(std::exp(-2 * beyond * beyond));
        }
    }
    for (std::size_t q = 0; q <= power_steps; ++q) {
        for (const double w : weights) {
            powers.push_back(std::exp(coldness * w * static_cast<double>(q) / static_cast<double>(power_steps)));
        }
    }
    kept_ = parameters() * weights.size() <= most_kept;
    std::vector<double> reached(canvas_size(), 0.0);
    for (std::size_t p = 0; p < parameters(); ++p) {
        for (std::size_t y = 0; y < rows_.side(); ++y) {
            double* row = reached.data() + begin(p) + y * columns_.canvas();
            for (std::size_t x = 0; x < columns_.side(); ++x) row[x] += 1;
        }
    }
    taps_ = folded(reached);
    weights_ = std::make_shared<const std::vector<double>>(std::move(weights));
    powers_ = std::make_shared<const std::vector<double>>(std::move(powers));
    mask_.resize(height * width);
}

SmoothMask::MaskAxis SmoothMask::axis(std::size_t extent, double sigma) const {
    const std::size_t reach = step_ * (1 + static_cast<std::size_t>(std::ceil(sigma / static_cast<double>(step_))));
    // No further than once around.
    return {extent, (extent + step_ - 1) / step_, std::min(reach, (extent - 1) / 2), std::min(reach, extent / 2)};
}

std::vector<double> SmoothMask::folded(std::span<const double> canvas) const {
    std::vector<double> picture(rows_.extent * columns_.extent, 0.0);
    for (std::size_t y = 0; y < rows_.canvas(); ++y) {
        double* row = picture.data() + rows_.pixel(y) * columns_.extent;
        for (std::size_t x = 0; x < columns_.canvas(); ++x) row[columns_.pixel(x)] += canvas[y * columns_.canvas() + x];
    }
    return picture;
}

std::vector<double> SmoothMask::spread(std::span<const double> picture) const {
    std::vector<double> canvas(canvas_size());
    for (std::size_t y = 0; y < rows_.canvas(); ++y) {
        const double* row = picture.data() + rows_.pixel(y) * columns_.extent;
        for (std::size_t x = 0; x < columns_.canvas(); ++x) canvas[y * columns_.canvas() + x] = row[columns_.pixel(x)];
    }
    return canvas;
}

/// exp(20·w·m) of a parameter's whole stencil: one long loop, where rows of it would be many short ones.
void SmoothMask::exponentials(double m, double* out) const {
    const std::size_t size = weights_->size();
    const auto q = static_cast<std::size_t>(std::lround(m * static_cast<double>(power_steps)));
    const double rest = coldness * (m - static_cast<double>(q) / static_cast<double>(power_steps));
    const double* power = powers_->data() + q * size;
    const double* w = weights_->data();
    if (rest == 0) {
        std::copy_n(power, size, out);
        return;
    }
    for (std::size_t i = 0; i < size; ++i) {
        const double x = rest * w[i];
        out[i] = power[i] * (1 + x * (1 + x * (1.0 / 2 + x * (1.0 / 6 + x * (1.0 / 24)))));
    }
}

const std::vector<double>& SmoothMask::generate(std::span<const double> parameters) {
    const std::size_t size = weights_->size(), side = columns_.side();
    std::vector<double> more(canvas_size(), 0.0), weighted(canvas_size(), 0.0);
    exponentials_.resize(kept_ ? parameters.size() * size : size);
    for (std::size_t p = 0; p < parameters.size(); ++p) {
        const double m = parameters[p];
        if (m == 0) continue;  // adds exp(0) = 1, which taps_ has
        double* e = exponentials_.data() + (kept_ ? p * size : 0);
        exponentials(m, e);
        for (std::size_t y = 0; y < rows_.side(); ++y) {
            const std::size_t at = begin(p) + y * columns_.canvas();
            const double* w = weights_->data() + y * side;
            for (std::size_t x = 0; x < side; ++x) {
                more[at + x] += e[y * side + x] - 1;
                weighted[at + x] += m * w[x] * e[y * side + x];
            }
        }
    }
    sums_ = folded(more);
    const std::vector<double> top = folded(weighted);
    for (std::size_t i = 0; i < mask_.size(); ++i) {
        sums_[i] += taps_[i];
        mask_[i] = std::clamp(top[i] / sums_[i], 0.0, 1.0);
    }
    return mask_;
}

// ∂mask/∂m_k = w·exp(20v)·(1 + 20·(v − mask)) / Σexp, with the exponentials of the mask that was generated.
std::vector<double> SmoothMask::backward(std::span<const double> parameters, std::span<const double> incoming) const {
    const std::size_t size = weights_->size(), side = columns_.side();
    std::vector<double> by_sum(mask_.size()), warmth(mask_.size()), again(kept_ ? 0 : size);
    for (std::size_t i = 0; i < mask_.size(); ++i) {
        by_sum[i] = incoming[i] / sums_[i];
        warmth[i] = by_sum[i] * (1 - coldness * mask_[i]);
    }
    const std::vector<double> share = spread(by_sum), cold = spread(warmth);
    std::vector<double> gradient(parameters.size(), 0.0);
    for (std::size_t p = 0; p < parameters.size(); ++p) {
        const double m = parameters[p];
        const double* e = kept_ ? exponentials_.data() + p * size : again.data();
        if (!kept_ && m != 0) exponentials(m, again.data());
        double sum = 0;
        for (std::size_t y = 0; y < rows_.side(); ++y) {
            const std::size_t at = begin(p) + y * columns_.canvas();
            const double* w = weights_->data() + y * side;
            for (std::size_t x = 0; x < side; ++x) {
                const double slope = w[x] * (cold[at + x] + share[at + x] * coldness * m * w[x]);
                sum += m == 0 ? slope : slope * e[y * side + x];
            }
        }
        gradient[p] = sum;
    }
    return gradient;
}

}  // namespace pellucid::methods
