#include "pellucid/study/features.hpp"

#include "pellucid/error.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

namespace pellucid::study {

namespace {

/// Makes the pixels paper for which inside(row, column) holds, both as shares of the picture.
template <typename Inside>
void blank(std::span<std::uint8_t> image, std::size_t rows, std::size_t columns, Inside inside) {
    for (std::size_t y = 0; y < rows; ++y) {
        for (std::size_t x = 0; x < columns; ++x) {
            const double v = (static_cast<double>(y) + 0.5) / static_cast<double>(rows);
            const double u = (static_cast<double>(x) + 0.5) / static_cast<double>(columns);
            if (inside(v, u)) image[y * columns + x] = 0;
        }
    }
}

bool in_middle(double v, double u) { return std::abs(v - 0.5) < 0.25 && std::abs(u - 0.5) < 0.25; }

void remove_blur(std::span<std::uint8_t> image, std::size_t, std::size_t) {
    for (std::uint8_t& v : image) v = v >= 128 ? 255 : 0;
}

/// Few enough for the sparsest of MNIST's images to be dimmed as well.
constexpr double ink_left = 20.0 * 255.0;

void remove_quantity(std::span<std::uint8_t> image, std::size_t, std::size_t) {
    const double sum = std::accumulate(image.begin(), image.end(), 0.0);
    if (sum <= 0) return;
    for (std::uint8_t& v : image) {
        v = static_cast<std::uint8_t>(std::min(std::lround(static_cast<double>(v) * ink_left / sum), 255L));
    }
}

constexpr std::array feature_list{
    Feature{"top", "the upper half",
            [](std::span<std::uint8_t> i, std::size_t r, std::size_t c) {
                blank(i, r, c, [](double v, double) { return v < 0.5; });
            }},
    Feature{"bottom", "the lower half",
            [](std::span<std::uint8_t> i, std::size_t r, std::size_t c) {
                blank(i, r, c, [](double v, double) { return v > 0.5; });
            }},
    Feature{"left", "the left half",
            [](std::span<std::uint8_t> i, std::size_t r, std::size_t c) {
                blank(i, r, c, [](double, double u) { return u < 0.5; });
            }},
    Feature{"right", "the right half",
            [](std::span<std::uint8_t> i, std::size_t r, std::size_t c) {
                blank(i, r, c, [](double, double u) { return u > 0.5; });
            }},
    Feature{"middle", "the middle",
            [](std::span<std::uint8_t> i, std::size_t r, std::size_t c) { blank(i, r, c, in_middle); }},
    Feature{"rim", "all but the middle",
            [](std::span<std::uint8_t> i, std::size_t r, std::size_t c) {
                blank(i, r, c, [](double v, double u) { return !in_middle(v, u); });
            }},
    Feature{"blur", "the strokes' soft edges", remove_blur},
    Feature{"ink", "the quantity of ink", remove_quantity}};

}  // namespace

std::span<const Feature> features() { return feature_list; }

const Feature& find_feature(std::string_view id) {
    const auto found = std::ranges::find(feature_list, id, &Feature::id);
    if (found == feature_list.end())
        fail(ErrorCode::bad_argument, "there is no feature '{}' to take out of images", id);
    return *found;
}

void remove(const Feature& feature, ByteImages& images) {
    const std::size_t size = images.rows * images.columns;
    for (std::size_t i = 0; i < images.count; ++i) {
        feature.remove(std::span(images.pixels).subspan(i * size, size), images.rows, images.columns);
    }
}

}  // namespace pellucid::study
