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

SmoothMask::SmoothMask(std::size_t height, std::size_t width, std::size_t step, double sigma)
    : step_(step),
      margin_(static_cast<std::size_t>(std::lround(sigma))),
      radius_(1 + static_cast<std::size_t>(std::ceil(sigma / static_cast<double>(step)))),
      padding_(1 + static_cast<std::size_t>(std::ceil((static_cast<double>(margin_) + sigma) / static_cast<double>(step)))),
      side_(step * (2 * radius_ + 1)) {
    rows_ = axis(height);
    columns_ = axis(width);
    if (rows_.full < margin_ + height || columns_.full < margin_ + width) {
        fail(ErrorCode::bad_argument,
             "extremal_perturbation: a step of {} px leaves gaps between discs of sigma {} px; a step of sigma at most is right",
             step, sigma);
    }
    std::vector<double> weights, powers;
    for (std::size_t y = 0; y < side_; ++y) {
        for (std::size_t x = 0; x < side_; ++x) {
            const double dy = static_cast<double>(rows_.reach + static_cast<std::ptrdiff_t>(y) - static_cast<std::ptrdiff_t>(margin_));
            const double dx = static_cast<double>(columns_.reach + static_cast<std::ptrdiff_t>(x) - static_cast<std::ptrdiff_t>(margin_));
            const double beyond = std::max(std::sqrt(dy * dy + dx * dx) / sigma - 0.5, 0.0);
            weights.push_back(std::exp(-2 * beyond * beyond));
        }
    }
    for (std::size_t q = 0; q <= power_steps; ++q) {
        for (const double w : weights) {
            powers.push_back(std::exp(coldness * w * static_cast<double>(q) / static_cast<double>(power_steps)));
        }
    }
    weights_ = std::make_shared<const std::vector<double>>(std::move(weights));
    powers_ = std::make_shared<const std::vector<double>>(std::move(powers));
    kept_ = this->parameters() * weights_->size() <= most_kept;
    mask_.resize(full_size());
    sums_.resize(full_size());
    weighted_.resize(full_size());
}

SmoothMask::MaskAxis SmoothMask::axis(std::size_t extent) const {
    const std::size_t grid = (extent + step_ - 1) / step_;
    const std::size_t full = step_ * (grid + 2 * padding_ - 2 * radius_) - step_ + 1;
    return {extent, grid, full, step_,
            static_cast<std::ptrdiff_t>(step_) * (static_cast<std::ptrdiff_t>(padding_) - 2 * static_cast<std::ptrdiff_t>(radius_))};
}

SmoothMask::Piece SmoothMask::piece(const MaskAxis& axis, std::size_t parameter) const {
    const std::ptrdiff_t begin = axis.reach + static_cast<std::ptrdiff_t>(axis.step * parameter);
    const std::ptrdiff_t first = std::max<std::ptrdiff_t>(begin, 0);
    const std::ptrdiff_t end =
        std::min<std::ptrdiff_t>(begin + static_cast<std::ptrdiff_t>(side_), static_cast<std::ptrdiff_t>(axis.full));
    if (end <= first) return {0, 0, 0};
    return {static_cast<std::size_t>(first - begin), static_cast<std::size_t>(first), static_cast<std::size_t>(end - first)};
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
    const auto taps = static_cast<double>((2 * radius_ + 1) * (2 * radius_ + 1));
    std::fill(sums_.begin(), sums_.end(), taps);  // a parameter of 0 adds exp(0) = 1
    std::fill(weighted_.begin(), weighted_.end(), 0.0);
    const std::size_t size = weights_->size();
    exponentials_.resize(kept_ ? parameters.size() * size : size);
    for (std::size_t p = 0; p < parameters.size(); ++p) {
        const double m = parameters[p];
        if (m == 0) continue;
        double* e = exponentials_.data() + (kept_ ? p * size : 0);
        exponentials(m, e);
        const Piece row = piece(rows_, p / columns_.grid), column = piece(columns_, p % columns_.grid);
        for (std::size_t y = 0; y < row.count; ++y) {
            const std::size_t first = (row.stencil + y) * side_ + column.stencil;
            const double* w = weights_->data() + first;
            double* sum = sums_.data() + (row.pixel + y) * columns_.full + column.pixel;
            double* weighted = weighted_.data() + (row.pixel + y) * columns_.full + column.pixel;
            for (std::size_t x = 0; x < column.count; ++x) {
                sum[x] += e[first + x] - 1;
                weighted[x] += m * w[x] * e[first + x];
            }
        }
    }
    for (std::size_t i = 0; i < mask_.size(); ++i) mask_[i] = std::clamp(weighted_[i] / sums_[i], 0.0, 1.0);
    return mask_;
}

std::vector<double> SmoothMask::cropped() const {
    std::vector<double> inner;
    inner.reserve(rows_.extent * columns_.extent);
    for (std::size_t y = 0; y < rows_.extent; ++y) {
        const auto from = mask_.begin() + static_cast<std::ptrdiff_t>((margin_ + y) * columns_.full + margin_);
        inner.insert(inner.end(), from, from + static_cast<std::ptrdiff_t>(columns_.extent));
    }
    return inner;
}

void SmoothMask::add_inner(std::span<const double> inner, std::span<double> full) const {
    for (std::size_t y = 0; y < rows_.extent; ++y) {
        for (std::size_t x = 0; x < columns_.extent; ++x) {
            full[(margin_ + y) * columns_.full + margin_ + x] += inner[y * columns_.extent + x];
        }
    }
}

// ∂mask/∂m_k = w·exp(20v)·(1 + 20·(v − mask)) / Σexp, with the exponentials of the mask that was generated.
std::vector<double> SmoothMask::backward(std::span<const double> parameters, std::span<const double> incoming) const {
    const std::size_t size = weights_->size();
    std::vector<double> share(mask_.size()), cold(mask_.size()), gradient(parameters.size(), 0.0), again(kept_ ? 0 : size);
    for (std::size_t i = 0; i < share.size(); ++i) {
        share[i] = incoming[i] / sums_[i];
        cold[i] = 1 - coldness * mask_[i];
    }
    for (std::size_t p = 0; p < parameters.size(); ++p) {
        const double m = parameters[p];
        const double* e = kept_ ? exponentials_.data() + p * size : again.data();
        if (!kept_ && m != 0) exponentials(m, again.data());
        const Piece row = piece(rows_, p / columns_.grid), column = piece(columns_, p % columns_.grid);
        double sum = 0;
        for (std::size_t y = 0; y < row.count; ++y) {
            const std::size_t first = (row.stencil + y) * side_ + column.stencil;
            const std::size_t pixel = (row.pixel + y) * columns_.full + column.pixel;
            const double* w = weights_->data() + first;
            for (std::size_t x = 0; x < column.count; ++x) {
                const double slope = share[pixel + x] * w[x] * (cold[pixel + x] + coldness * m * w[x]);
                sum += m == 0 ? slope : slope * e[first + x];
            }
        }
        gradient[p] = sum;
    }
    return gradient;
}

}  // namespace pellucid::methods
