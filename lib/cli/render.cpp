#include "render.hpp"

#include "pellucid/data/png.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace pellucid::cli {

namespace {

using Colour = std::array<float, 3>;

/// ColorBrewer's RdBu in eleven steps (Cynthia Brewer), blue first: even steps for the eye, white in the middle.
constexpr std::array<std::array<int, 3>, 11> red_blue{{{5, 48, 97},
                                                       {33, 102, 172},
                                                       {67, 147, 195},
                                                       {146, 197, 222},
                                                       {209, 229, 240},
                                                       {247, 247, 247},
                                                       {253, 219, 199},
                                                       {244, 165, 130},
                                                       {214, 96, 77},
                                                       {178, 24, 43},
                                                       {103, 0, 31}}};

/// v in [−1, 1].
Colour signed_colour(float v) {
    const float place = (std::clamp(v, -1.0F, 1.0F) + 1.0F) * 5.0F;
    const auto low = std::min(static_cast<std::size_t>(place), std::size_t{9});
    const float t = place - static_cast<float>(low);
    Colour colour{};
    for (std::size_t i = 0; i < 3; ++i) {
        const auto a = static_cast<float>(red_blue[low][i]);
        const auto b = static_cast<float>(red_blue[low + 1][i]);
        colour[i] = (a + (b - a) * t) / 255.0F;
    }
    return colour;
}

}  // namespace

void write_picture(const std::string& path, const Tensor& tensor, std::size_t n, MapKind kind, std::size_t zoom) {
    const std::size_t height = tensor.shape()[1], width = tensor.shape()[2], channels = tensor.shape()[3];
    std::vector<float> values(height * width, 0.0F);
    const auto data = sample(tensor, n);
    for (std::size_t i = 0; i < data.size(); ++i) values[i / channels] += data[i];
    float largest = 0.0F;
    for (const float v : values) largest = std::max(largest, std::abs(v));

    Tensor picture(Shape{1, height * zoom, width * zoom, 3});
    for (std::size_t y = 0; y < height * zoom; ++y) {
        for (std::size_t x = 0; x < width * zoom; ++x) {
            const float v = values[y / zoom * width + x / zoom];
            Colour colour{};
            if (kind == MapKind::image) {
                colour.fill(1.0F - v / static_cast<float>(channels));
            } else {
                colour = signed_colour(largest > 0.0F ? v / largest : 0.0F);
            }
            for (std::size_t c = 0; c < 3; ++c) picture(0, y, x, c) = colour[c];
        }
    }
    write_png(path, picture);
}

}  // namespace pellucid::cli
