#include "pellucid/methods/inside/enlarge.hpp"

#include <algorithm>
#include <vector>

namespace pellucid::methods {

namespace {

struct Tap {
    std::size_t low, high;
    float weight;  ///< of `high`
};

std::vector<Tap> taps(std::size_t from, std::size_t to, Grid grid) {
    std::vector<Tap> result;
    for (std::size_t i = 0; i < to; ++i) {
        const double corner =
            to == 1 ? 0.0 : static_cast<double>(i) * static_cast<double>(from - 1) / static_cast<double>(to - 1);
        const double centre =
            (static_cast<double>(i) + 0.5) * static_cast<double>(from) / static_cast<double>(to) - 0.5;
        const double place = grid == Grid::corners ? corner : std::max(centre, 0.0);
        const auto low = std::min(static_cast<std::size_t>(place), from - 1);
        const std::size_t high = std::min(low + 1, from - 1);
        result.push_back({low, high, static_cast<float>(place - static_cast<double>(low))});
    }
    return result;
}

}  // namespace

Tensor enlarge(const Tensor& maps, std::size_t height, std::size_t width, Grid grid) {
    const auto [samples, h, w, channels] = maps.shape();
    const std::vector<Tap> rows = taps(h, height, grid);
    const std::vector<Tap> columns = taps(w, width, grid);
    Tensor result(Shape{samples, height, width, channels});
    for (std::size_t n = 0; n < samples; ++n) {
        for (std::size_t y = 0; y < height; ++y) {
            for (std::size_t x = 0; x < width; ++x) {
                for (std::size_t c = 0; c < channels; ++c) {
                    const auto& r = rows[y];
                    const auto& k = columns[x];
                    const float top = maps(n, r.low, k.low, c) * (1 - k.weight) + maps(n, r.low, k.high, c) * k.weight;
                    const float bottom =
                        maps(n, r.high, k.low, c) * (1 - k.weight) + maps(n, r.high, k.high, c) * k.weight;
                    result(n, y, x, c) = top * (1 - r.weight) + bottom * r.weight;
                }
            }
        }
    }
    return result;
}

}  // namespace pellucid::methods
