#include "pellucid/methods/judging/similarity.hpp"

#include "pellucid/methods/judging/order.hpp"
#include "pellucid/vectorised.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>

namespace pellucid::methods {

namespace {

constexpr double no_number = std::numeric_limits<double>::quiet_NaN();

/// The sums of `values`, a picture, over all windows of that side that lie within; first along rows, then along
/// columns.
PELLUCID_VECTORISED std::vector<double> window_sums(const std::vector<double>& values, std::size_t height,
                                                    std::size_t width, std::size_t side) {
    const std::size_t across = width - side + 1, down = height - side + 1;
    std::vector<double> rows(height * across, 0.0), sums(down * across, 0.0);
    for (std::size_t y = 0; y < height; ++y) {
        double* const to = rows.data() + y * across;
        for (std::size_t k = 0; k < side; ++k) {
            const double* const from = values.data() + y * width + k;
            for (std::size_t x = 0; x < across; ++x) to[x] += from[x];
        }
    }
    for (std::size_t y = 0; y < down; ++y) {
        double* const to = sums.data() + y * across;
        for (std::size_t k = 0; k < side; ++k) {
            const double* const from = rows.data() + (y + k) * across;
            for (std::size_t x = 0; x < across; ++x) to[x] += from[x];
        }
    }
    return sums;
}

std::vector<double> products(const std::vector<double>& a, const std::vector<double>& b) {
    std::vector<double> result(a.size());
    std::ranges::transform(a, b, result.begin(), std::multiplies<>());
    return result;
}

double largest_magnitude(std::span<const float> values) {
    double largest = 0;
    for (const float v : values) largest = std::max(largest, std::abs(static_cast<double>(v)));
    return largest;
}

}  // namespace

std::vector<double> mean_ranks(std::span<const float> values) {
    const std::vector<std::uint32_t> order = ascending(values);
    std::vector<double> ranks(values.size());
    for (std::size_t first = 0; first < order.size();) {
        std::size_t last = first + 1;
        while (last < order.size() && values[order[last]] == values[order[first]]) ++last;
        for (std::size_t i = first; i < last; ++i) ranks[order[i]] = static_cast<double>(first + last + 1) / 2;
        first = last;
    }
    return ranks;
}

double spearman(std::span<const float> a, std::span<const float> b) {
    return correlation_of_ranks(mean_ranks(a), mean_ranks(b));
}

double correlation_of_ranks(std::span<const double> a, std::span<const double> b) {
    const double mean = static_cast<double>(a.size() + 1) / 2;
    double both = 0, square_a = 0, square_b = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        const double da = a[i] - mean, db = b[i] - mean;
        both += da * db;
        square_a += da * da;
        square_b += db * db;
    }
    return square_a > 0 && square_b > 0 ? both / std::sqrt(square_a * square_b) : no_number;
}

double cosine(std::span<const float> a, std::span<const float> b) {
    double both = 0, square_a = 0, square_b = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        const auto x = static_cast<double>(a[i]), y = static_cast<double>(b[i]);
        both += x * y;
        square_a += x * x;
        square_b += y * y;
    }
    return square_a > 0 && square_b > 0 ? both / (std::sqrt(square_a) * std::sqrt(square_b)) : no_number;
}

double relative_distance(std::span<const float> a, std::span<const float> b) {
    double difference = 0, square = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        const auto x = static_cast<double>(a[i]), d = x - static_cast<double>(b[i]);
        difference += d * d;
        square += x * x;
    }
    return square > 0 ? std::sqrt(difference / square) : no_number;
}

double structural_similarity(std::span<const float> a, std::span<const float> b, std::size_t height,
                             std::size_t width) {
    const double scale_a = largest_magnitude(a), scale_b = largest_magnitude(b);
    if (scale_a == 0 || scale_b == 0) return no_number;
    std::vector<double> x(a.size()), y(b.size());
    double least = std::numeric_limits<double>::infinity(), most = -least;
    for (std::size_t i = 0; i < a.size(); ++i) {
        x[i] = static_cast<double>(a[i]) / scale_a;
        y[i] = static_cast<double>(b[i]) / scale_b;
        least = std::min({least, x[i], y[i]});
        most = std::max({most, x[i], y[i]});
    }
    const double range = most - least;
    if (range == 0) return 1.0;
    std::size_t side = std::min({std::size_t{7}, height, width});
    if (side % 2 == 0) --side;
    const double c1 = 0.01 * range * 0.01 * range, c2 = 0.03 * range * 0.03 * range;
    const auto count = static_cast<double>(side * side);
    const double of_sample = count > 1 ? count / (count - 1) : 1.0;
    const auto windows = [&](const std::vector<double>& values) { return window_sums(values, height, width, side); };
    const std::vector<double> sx = windows(x), sy = windows(y);
    const std::vector<double> sxx = windows(products(x, x)), syy = windows(products(y, y)),
                              sxy = windows(products(x, y));
    double sum = 0;
    for (std::size_t i = 0; i < sx.size(); ++i) {
        const double mx = sx[i] / count, my = sy[i] / count;
        const double vx = of_sample * (sxx[i] / count - mx * mx), vy = of_sample * (syy[i] / count - my * my);
        const double vxy = of_sample * (sxy[i] / count - mx * my);
        sum += (2 * mx * my + c1) * (2 * vxy + c2) / ((mx * mx + my * my + c1) * (vx + vy + c2));
    }
    return sum / static_cast<double>(sx.size());
}

}  // namespace pellucid::methods
