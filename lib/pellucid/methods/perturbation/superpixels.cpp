#include "pellucid/methods/perturbation/superpixels.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <vector>

namespace pellucid::methods {

namespace {

constexpr int rounds = 10;

/// A piece's mean: row, column, then the channels.
struct Means {
    std::size_t width;
    std::vector<double> sums;
    std::vector<double> sizes;

    Means(std::size_t count, std::size_t channels) : width(channels + 2), sums(count * width, 0.0), sizes(count, 0.0) {}
    double operator()(std::size_t piece, std::size_t i) const { return sums[piece * width + i] / sizes[piece]; }
};

Means means_of(const Tensor& image, std::size_t count, std::span<const std::uint32_t> labels) {
    const std::size_t columns = image.shape()[2], channels = image.shape()[3];
    Means means(count, channels);
    for (std::size_t i = 0; i < labels.size(); ++i) {
        double* sum = means.sums.data() + labels[i] * means.width;
        means.sizes[labels[i]] += 1;
        sum[0] += static_cast<double>(i / columns);
        sum[1] += static_cast<double>(i % columns);
        for (std::size_t c = 0; c < channels; ++c) sum[2 + c] += static_cast<double>(image.data()[i * channels + c]);
    }
    return means;
}

/// Pixels of one label that hang together: the number of each pixel's part, and which label and size the parts have.
struct Parts {
    std::vector<std::size_t> of_pixel;
    std::vector<std::uint32_t> label;
    std::vector<std::size_t> size;
};

/// Calls body(neighbour) for the up to four neighbours of pixel i.
template <typename Body>
void each_neighbour(std::size_t i, std::size_t rows, std::size_t columns, Body body) {
    if (i >= columns) body(i - columns);
    if (i % columns > 0) body(i - 1);
    if (i % columns + 1 < columns) body(i + 1);
    if (i / columns + 1 < rows) body(i + columns);
}

Parts connected(std::span<const std::uint32_t> labels, std::size_t rows, std::size_t columns) {
    constexpr std::size_t none = std::numeric_limits<std::size_t>::max();
    Parts parts{std::vector<std::size_t>(labels.size(), none), {}, {}};
    std::vector<std::size_t> open;
    for (std::size_t start = 0; start < labels.size(); ++start) {
        if (parts.of_pixel[start] != none) continue;
        const std::size_t part = parts.label.size();
        parts.label.push_back(labels[start]);
        parts.size.push_back(0);
        parts.of_pixel[start] = part;
        open.push_back(start);
        while (!open.empty()) {
            const std::size_t i = open.back();
            open.pop_back();
            ++parts.size[part];
            each_neighbour(i, rows, columns, [&](std::size_t j) {
                if (parts.of_pixel[j] != none || labels[j] != labels[start]) return;
                parts.of_pixel[j] = part;
                open.push_back(j);
            });
        }
    }
    return parts;
}

/// One round: every part but its label's largest takes the label that it shares most edges with. Whether there were
/// any.
bool absorb_fragments(std::span<std::uint32_t> labels, std::size_t count, std::size_t rows, std::size_t columns) {
    const Parts parts = connected(labels, rows, columns);
    std::vector<std::size_t> largest(count, parts.label.size());
    for (std::size_t p = 0; p < parts.label.size(); ++p) {
        std::size_t& best = largest[parts.label[p]];
        if (best == parts.label.size() || parts.size[p] > parts.size[best]) best = p;
    }
    std::vector<std::map<std::uint32_t, std::size_t>> edges(parts.label.size());
    bool any = false;
    for (std::size_t i = 0; i < labels.size(); ++i) {
        const std::size_t part = parts.of_pixel[i];
        if (largest[parts.label[part]] == part) continue;
        any = true;
        each_neighbour(i, rows, columns, [&](std::size_t j) {
            // Only towards pieces that stay: two fragments must not swap their labels for ever.
            const std::size_t other = parts.of_pixel[j];
            if (other != part && largest[parts.label[other]] == other) ++edges[part][labels[j]];
        });
    }
    if (!any) return false;
    for (std::size_t i = 0; i < labels.size(); ++i) {
        const auto& shared = edges[parts.of_pixel[i]];
        if (shared.empty()) continue;
        labels[i] = std::max_element(shared.begin(), shared.end(), [](const auto& a, const auto& b) {
                        return a.second < b.second;
                    })->first;
    }
    return true;
}

}  // namespace

void fit_superpixels(const Tensor& image, std::size_t count, double compactness, std::span<std::uint32_t> labels) {
    const std::size_t rows = image.shape()[1], columns = image.shape()[2], channels = image.shape()[3];
    const double side = std::sqrt(static_cast<double>(rows * columns) / static_cast<double>(count));
    const double nearness = compactness * compactness / (side * side);
    for (int round = 0; round < rounds; ++round) {
        const Means means = means_of(image, count, labels);
        std::vector<double> best(labels.size(), std::numeric_limits<double>::infinity());
        for (std::size_t piece = 0; piece < count; ++piece) {
            if (means.sizes[piece] == 0) continue;
            const double row = means(piece, 0), column = means(piece, 1);
            const auto from = [&](double centre) {
                return static_cast<std::size_t>(std::max(std::ceil(centre - 2 * side), 0.0));
            };
            for (std::size_t y = from(row); y < rows && static_cast<double>(y) <= row + 2 * side; ++y) {
                for (std::size_t x = from(column); x < columns && static_cast<double>(x) <= column + 2 * side; ++x) {
                    const double dy = static_cast<double>(y) - row, dx = static_cast<double>(x) - column;
                    double distance = nearness * (dy * dy + dx * dx);
                    for (std::size_t c = 0; c < channels; ++c) {
                        const double d =
                            static_cast<double>(image.data()[(y * columns + x) * channels + c]) - means(piece, 2 + c);
                        distance += d * d;
                    }
                    if (distance >= best[y * columns + x]) continue;
                    best[y * columns + x] = distance;
                    labels[y * columns + x] = static_cast<std::uint32_t>(piece);
                }
            }
        }
    }
    while (absorb_fragments(labels, count, rows, columns)) {
    }
}

}  // namespace pellucid::methods
