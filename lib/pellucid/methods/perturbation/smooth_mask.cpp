#include "pellucid/methods/perturbation/smooth_mask.hpp"

#include "pellucid/error.hpp"
#include "pellucid/vectorised.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>
#include <map>
#include <utility>

namespace pellucid::methods {

namespace {

constexpr double coldness = 20;
/// exp(20·w·m) is looked up at m rounded to 1/256; a polynomial does the rest, to 1e-9.
constexpr std::size_t power_steps = 256;
/// Above, exponentials are computed once more for the gradient: memory would matter more than time.
constexpr std::size_t most_kept = std::size_t{1} << 18U;

/// to[i] += Σ over places of from[i + place], four places at a time, so that `to` is not written for each.
void add_shifted(const double* from, std::span<const std::ptrdiff_t> places, double* __restrict to, std::size_t count) {
    std::size_t k = 0;
    for (; k + 4 <= places.size(); k += 4) {
        const double *const a = from + places[k], *const b = from + places[k + 1], *const c = from + places[k + 2],
                            *const d = from + places[k + 3];
        for (std::size_t i = 0; i < count; ++i) to[i] += (a[i] + b[i]) + (c[i] + d[i]);
    }
    for (; k < places.size(); ++k) {
        const double* const a = from + places[k];
        for (std::size_t i = 0; i < count; ++i) to[i] += a[i];
    }
}

}  // namespace

SmoothMask::SmoothMask(std::size_t height, std::size_t width, std::size_t step, double sigma) : step_(step) {
    if (static_cast<double>(step) > sigma) {
        fail(ErrorCode::bad_argument,
             "extremal_perturbation: a spacing of {} px leaves gaps between discs of sigma {} px; sigma at most is "
             "right",
             step, sigma);
    }
    rows_ = axis(height, sigma);
    columns_ = axis(width, sigma);
    std::map<double, std::vector<std::ptrdiff_t>, std::greater<>> by_weight;
    for (std::size_t y = 0; y < rows_.side(); ++y) {
        for (std::size_t x = 0; x < columns_.side(); ++x) {
            const double distance = std::hypot(static_cast<double>(y) - static_cast<double>(rows_.before),
                                               static_cast<double>(x) - static_cast<double>(columns_.before));
            const double beyond = std::max(distance / sigma - 0.5, 0.0);
            by_weight[std::exp(-2 * beyond * beyond)].push_back(static_cast<std::ptrdiff_t>(y * columns_.canvas() + x));
        }
    }
    Stencil stencil;
    std::vector<Ring>& rings = stencil.rings;
    for (auto& [weight, places] : by_weight) {
        rings.push_back({weight, std::move(places), {}});
        for (std::size_t q = 0; q <= power_steps; ++q) {
            const double m = static_cast<double>(q) / static_cast<double>(power_steps);
            rings.back().powers.push_back(std::exp(coldness * weight * m));
        }
    }
    kept_ = parameters() * rings.size() <= most_kept;
    stencil.reach = static_cast<std::ptrdiff_t>((rows_.side() - 1) * columns_.canvas() + columns_.side() - 1);
    for (std::size_t y = 0; y < rows_.grid; ++y) {
        for (std::size_t x = 0; x < columns_.grid; ++x)
            stencil.begin.push_back(y * step * columns_.canvas() + x * step);
    }
    for (std::size_t y = 0; y < rows_.canvas(); ++y) {
        for (std::size_t x = 0; x < columns_.canvas(); ++x)
            stencil.pixel.push_back(rows_.pixel(y) * width + columns_.pixel(x));
    }
    stencil.taps.assign(height * width, 0.0);
    for (const std::size_t begin : stencil.begin) {
        for (const Ring& ring : rings) {
            for (const std::ptrdiff_t place : ring.places)
                stencil.taps[stencil.pixel[begin + static_cast<std::size_t>(place)]] += 1;
        }
    }
    stencil_ = std::make_shared<const Stencil>(std::move(stencil));
    mask_.resize(height * width);
}

SmoothMask::MaskAxis SmoothMask::axis(std::size_t extent, double sigma) const {
    const std::size_t reach = step_ * (1 + static_cast<std::size_t>(std::ceil(sigma / static_cast<double>(step_))));
    // No further than once around.
    return {extent, (extent + step_ - 1) / step_, std::min(reach, (extent - 1) / 2), std::min(reach, extent / 2)};
}

std::vector<double> SmoothMask::folded(std::span<const double> canvas) const {
    std::vector<double> picture(rows_.extent * columns_.extent, 0.0);
    for (std::size_t i = 0; i < canvas.size(); ++i) picture[stencil_->pixel[i]] += canvas[i];
    return picture;
}

std::vector<double> SmoothMask::spread(std::span<const double> picture) const {
    std::vector<double> canvas(canvas_size());
    for (std::size_t i = 0; i < canvas.size(); ++i) canvas[i] = picture[stencil_->pixel[i]];
    return canvas;
}

void SmoothMask::round(std::span<const double> parameters) {
    constexpr auto steps = static_cast<double>(power_steps);
    nearest_.resize(parameters.size());
    rests_.resize(parameters.size());
    for (std::size_t p = 0; p < parameters.size(); ++p) {
        nearest_[p] = static_cast<std::int32_t>(parameters[p] * steps + 0.5);
        rests_[p] = coldness * (parameters[p] - static_cast<double>(nearest_[p]) / steps);
    }
}

/// exp(20·w·m) of every parameter.
PELLUCID_VECTORISED void SmoothMask::exponentials(const Ring& ring, double* __restrict out) const {
    const double w = ring.weight;
    const double* const powers = ring.powers.data();
    for (std::size_t p = 0; p < rests_.size(); ++p) {
        const double x = rests_[p] * w;
        out[p] = 1 + x * (1 + x * (1.0 / 2 + x * (1.0 / 6 + x * (1.0 / 24))));
    }
    for (std::size_t p = 0; p < rests_.size(); ++p) out[p] *= powers[nearest_[p]];
}

/// Adds a ring around every parameter to the canvas. `plane`: what each gives, where its stencil begins on the canvas,
/// 0 elsewhere, and as many zeros before it as a stencil reaches.
void SmoothMask::add_rings(const double* plane, const Ring& ring, double* canvas) const {
    if (step_ == 1) {
        std::vector<std::ptrdiff_t> back = ring.places;
        for (std::ptrdiff_t& place : back) place = -place;
        add_shifted(plane, back, canvas, canvas_size());
        return;
    }
    for (const std::size_t begin : stencil_->begin) {
        double* const to = canvas + begin;
        for (const std::ptrdiff_t place : ring.places) to[place] += plane[begin];
    }
}

/// For every parameter the sum over its ring.
void SmoothMask::sum_rings(const std::vector<double>& canvas, const Ring& ring, std::vector<double>& sums) const {
    std::ranges::fill(sums, 0.0);
    for (std::size_t first = 0; first < sums.size(); first += columns_.grid) {
        const double* const from = canvas.data() + stencil_->begin[first];
        double* const to = sums.data() + first;
        if (step_ == 1) {
            add_shifted(from, ring.places, to, columns_.grid);
            continue;
        }
        for (const std::ptrdiff_t place : ring.places) {
            for (std::size_t i = 0; i < columns_.grid; ++i) to[i] += (from + place)[i * step_];
        }
    }
}

const std::vector<double>& SmoothMask::generate(std::span<const double> parameters) {
    const std::size_t count = parameters.size();
    const auto margin = static_cast<std::size_t>(stencil_->reach);
    std::vector<double> more(canvas_size(), 0.0), weighted(canvas_size(), 0.0);
    std::vector<double> by_one(margin + canvas_size(), 0.0), by_weight = by_one;
    round(parameters);
    exponentials_.resize(kept_ ? stencil_->rings.size() * count : count);
    double* e = exponentials_.data();
    for (const Ring& ring : stencil_->rings) {
        exponentials(ring, e);
        for (std::size_t p = 0; p < count; ++p) {
            const std::size_t at = margin + stencil_->begin[p];
            by_one[at] = e[p] - 1;  // taps have the ones
            by_weight[at] = parameters[p] * ring.weight * e[p];
        }
        add_rings(by_one.data() + margin, ring, more.data());
        add_rings(by_weight.data() + margin, ring, weighted.data());
        if (kept_) e += count;
    }
    sums_ = folded(more);
    const std::vector<double> top = folded(weighted);
    for (std::size_t i = 0; i < mask_.size(); ++i) {
        sums_[i] += stencil_->taps[i];
        mask_[i] = std::clamp(top[i] / sums_[i], 0.0, 1.0);
    }
    return mask_;
}

// ∂mask/∂m_k = w·exp(20v)·(1 + 20·(v − mask)) / Σexp, with the exponentials of the mask that was generated.
std::vector<double> SmoothMask::backward(std::span<const double> parameters, std::span<const double> incoming) const {
    const std::size_t count = parameters.size();
    std::vector<double> by_sum(mask_.size()), warmth(mask_.size()), again(kept_ ? 0 : count);
    for (std::size_t i = 0; i < mask_.size(); ++i) {
        by_sum[i] = incoming[i] / sums_[i];
        warmth[i] = by_sum[i] * (1 - coldness * mask_[i]);
    }
    const std::vector<double> share = spread(by_sum), cold = spread(warmth);
    std::vector<double> gradient(count, 0.0), colds(count), shares(count);
    const double* e = exponentials_.data();
    for (const Ring& ring : stencil_->rings) {
        if (!kept_) exponentials(ring, again.data());
        const double* const power = kept_ ? e : again.data();
        sum_rings(cold, ring, colds);
        sum_rings(share, ring, shares);
        const double w = ring.weight, slope = coldness * w;
        for (std::size_t p = 0; p < count; ++p)
            gradient[p] += w * power[p] * (colds[p] + shares[p] * slope * parameters[p]);
        e += kept_ ? count : 0;
    }
    return gradient;
}

}  // namespace pellucid::methods
