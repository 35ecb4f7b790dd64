#include "pellucid/ops.hpp"

#include <xtensor/xadapt.hpp>
#include <xtensor/xmath.hpp>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>

namespace pellucid::ops {

namespace {

/// The numbers as an xtensor of one axis that does not own them.
template <typename T>
auto vector(std::span<T> x) {
    return xt::adapt(x.data(), x.size(), xt::no_ownership(), std::array<std::size_t, 1>{x.size()});
}

/// Puts an expression's elements into x one by one. xtensor's own assignment also knows expressions that are to be
/// broadcast, for which it brought 0.7 KB of the download for every one here.
template <typename T, typename Expression>
void put(std::span<T> x, const Expression& expression) {
    for (std::size_t i = 0; i < x.size(); ++i) x[i] = expression.data_element(i);
}

/// Their sum, in order.
template <typename Expression>
double total(std::size_t count, const Expression& expression) {
    double sum = 0;
    for (std::size_t i = 0; i < count; ++i) sum += expression.data_element(i);
    return sum;
}

}  // namespace

void add(std::span<float> x, Numbers other) { put(x, vector(x) + vector(other)); }
void subtract(std::span<float> x, Numbers other) { put(x, vector(x) - vector(other)); }
void multiply(std::span<float> x, Numbers other) { put(x, vector(x) * vector(other)); }
void scale(std::span<float> x, float factor) { put(x, vector(x) * factor); }
void add_scaled(std::span<float> x, float factor, Numbers other) { put(x, vector(x) + factor * vector(other)); }
void mix(std::span<float> x, float keep, float factor, Numbers other) {
    put(x, keep * vector(x) + factor * vector(other));
}
void absolute(std::span<float> x) { put(x, xt::abs(vector(x))); }

// The bound stands first: where it is 0 and the number −0, or the other way round, the number stays as it is.
void rectify(std::span<float> x) { put(x, xt::maximum(0.0F, vector(x))); }
void clamp(std::span<float> x, float low, float high) { put(x, xt::minimum(high, xt::maximum(low, vector(x)))); }
void clamp(std::span<float> x, Numbers low, Numbers high) {
    put(x, xt::minimum(vector(high), xt::maximum(vector(low), vector(x))));
}
// By bits: comparing floats is a branch, which is as often taken as not, so that it took longer than the rest of a
// step.
void step_by_sign(std::span<float> x, float step, Numbers direction) {
    const auto forwards = std::bit_cast<std::uint32_t>(step);
    for (std::size_t i = 0; i < x.size(); ++i) {
        const auto bits = std::bit_cast<std::uint32_t>(direction[i]);
        const std::uint32_t sign = bits & 0x80000000U, magnitude = bits ^ sign;
        const std::uint32_t moves = magnitude - 1 < 0x7f800000U ? ~0U : 0U;  // neither 0 nor what is no number
        x[i] += std::bit_cast<float>((forwards ^ sign) & moves);
    }
}
void draw_to(std::span<float> x, Numbers from, float share) {
    const auto origin = vector(from);
    put(x, origin + share * (vector(x) - origin));
}

double sum(Numbers x) { return total(x.size(), xt::cast<double>(vector(x))); }
double sum_of_absolutes(Numbers x) { return total(x.size(), xt::abs(xt::cast<double>(vector(x)))); }
double sum_of_squares(Numbers x) { return total(x.size(), xt::square(xt::cast<double>(vector(x)))); }
double sum_of_squares(Numbers x, Numbers without) {
    return total(x.size(), xt::square(xt::cast<double>(vector(x)) - xt::cast<double>(vector(without))));
}
double length(Numbers x) { return std::sqrt(sum_of_squares(x)); }
double largest(Numbers x) {
    const auto sizes = xt::abs(vector(x));
    float found = 0;
    for (std::size_t i = 0; i < x.size(); ++i) found = std::max(found, sizes.data_element(i));
    return static_cast<double>(found);
}

void add_rows(std::span<double> sums, Numbers x) {
    for (std::size_t row = 0; row < x.size(); row += sums.size()) {
        put(sums, vector(sums) + xt::cast<double>(vector(x.subspan(row, sums.size()))));
    }
}
void add_absolute_rows(std::span<float> sums, Numbers x) {
    for (std::size_t row = 0; row < x.size(); row += sums.size()) {
        put(sums, vector(sums) + xt::abs(vector(x.subspan(row, sums.size()))));
    }
}
std::vector<double> row_sums(Numbers x, std::size_t columns) {
    std::vector<double> sums;
    for (std::size_t row = 0; row < x.size(); row += columns) sums.push_back(sum(x.subspan(row, columns)));
    return sums;
}
void mean_of(std::span<const double> sums, double count, std::span<float> mean) {
    put(mean, xt::cast<float>(vector(sums) / count));
}

namespace {

/// `size` numbers, `stride` from one to the next. As a loop: a window meets the border, and its pixels lie apart.
void smooth_line(float* line, std::size_t size, std::size_t stride, std::span<const double> weights, Beyond beyond,
                 double all, std::vector<double>& copy) {
    const auto reach = static_cast<std::ptrdiff_t>(weights.size() / 2);
    copy.resize(size);
    for (std::size_t i = 0; i < size; ++i) copy[i] = line[i * stride];
    for (std::size_t i = 0; i < size; ++i) {
        double sum = 0, total = 0;
        for (std::ptrdiff_t d = -reach; d <= reach; ++d) {
            const std::ptrdiff_t at = static_cast<std::ptrdiff_t>(i) + d;
            if (at < 0 || at >= static_cast<std::ptrdiff_t>(size)) continue;
            const double w = weights[static_cast<std::size_t>(d + reach)];
            sum += w * copy[static_cast<std::size_t>(at)];
            total += w;
        }
        line[i * stride] = static_cast<float>(sum / (beyond == Beyond::zero ? all : total));
    }
}

}  // namespace

void smooth(Tensor& images, std::size_t axis, std::span<const double> weights, Beyond beyond) {
    double all = 0;
    for (const double w : weights) all += w;
    std::vector<double> copy;
    const auto [count, rows, columns, channels] = images.shape();
    const bool down = axis == 1;
    const std::size_t size = down ? rows : columns, lines = down ? columns : rows;
    const std::size_t stride = down ? columns * channels : channels;
    for (std::size_t n = 0; n < count; ++n) {
        for (std::size_t line = 0; line < lines; ++line) {
            for (std::size_t c = 0; c < channels; ++c) {
                float* const first = down ? &images(n, 0, line, c) : &images(n, line, 0, c);
                smooth_line(first, size, stride, weights, beyond, all, copy);
            }
        }
    }
}

}  // namespace pellucid::ops
