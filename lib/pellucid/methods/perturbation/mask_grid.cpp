#include "pellucid/methods/perturbation/mask_grid.hpp"

#include <algorithm>
#include <cmath>

namespace pellucid::methods {

MaskGrid::MaskGrid(std::size_t height, std::size_t width, std::size_t cell)
    : rows_((height + cell - 1) / cell),
      columns_((width + cell - 1) / cell),
      row_taps_(taps_of(rows_, height)),
      column_taps_(taps_of(columns_, width)) {}

std::vector<MaskGrid::GridTap> MaskGrid::taps_of(std::size_t from, std::size_t to) {
    std::vector<GridTap> taps;
    for (std::size_t i = 0; i < to; ++i) {
        const double centre =
            (static_cast<double>(i) + 0.5) * static_cast<double>(from) / static_cast<double>(to) - 0.5;
        const double place = std::max(centre, 0.0);
        const auto low = std::min(static_cast<std::size_t>(place), from - 1);
        taps.push_back({low, std::min(low + 1, from - 1), place - static_cast<double>(low)});
    }
    return taps;
}

std::vector<double> MaskGrid::enlarged(std::span<const double> grid) const {
    std::vector<double> pixels;
    pixels.reserve(row_taps_.size() * column_taps_.size());
    for (const GridTap& r : row_taps_) {
        const double* low = grid.data() + r.low * columns_;
        const double* high = grid.data() + r.high * columns_;
        for (const GridTap& c : column_taps_) {
            pixels.push_back((1 - r.share) * ((1 - c.share) * low[c.low] + c.share * low[c.high]) +
                             r.share * ((1 - c.share) * high[c.low] + c.share * high[c.high]));
        }
    }
    return pixels;
}

std::vector<double> MaskGrid::gathered(std::span<const double> pixels) const {
    std::vector<double> grid(size(), 0.0);
    const double* pixel = pixels.data();
    for (const GridTap& r : row_taps_) {
        double* low = grid.data() + r.low * columns_;
        double* high = grid.data() + r.high * columns_;
        for (const GridTap& c : column_taps_) {
            const double v = *pixel++;
            low[c.low] += v * (1 - r.share) * (1 - c.share);
            low[c.high] += v * (1 - r.share) * c.share;
            high[c.low] += v * r.share * (1 - c.share);
            high[c.high] += v * r.share * c.share;
        }
    }
    return grid;
}

double MaskGrid::add_variation(std::span<const double> grid, double beta, double weight,
                               std::span<double> gradient) const {
    double sum = 0;
    const auto pair = [&](std::size_t a, std::size_t b) {
        const double difference = grid[b] - grid[a], size = std::abs(difference);
        if (size == 0) return;  // for beta 1 the middle of the subgradients
        sum += std::pow(size, beta);
        const double slope = weight * beta * std::pow(size, beta - 1) * (difference > 0 ? 1.0 : -1.0);
        gradient[b] += slope;
        gradient[a] -= slope;
    };
    for (std::size_t y = 0; y < rows_; ++y) {
        for (std::size_t x = 0; x < columns_; ++x) {
            if (x + 1 < columns_) pair(y * columns_ + x, y * columns_ + x + 1);
            if (y + 1 < rows_) pair(y * columns_ + x, (y + 1) * columns_ + x);
        }
    }
    return sum;
}

}  // namespace pellucid::methods
