#include "pellucid/methods/inside/enlarge.hpp"

#include "pellucid/vectorised.hpp"

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

// Columns first, once for each row of the map; then every row of the result is a mean of two of these.
PELLUCID_VECTORISED Tensor enlarge(const Tensor& maps, std::size_t height, std::size_t width, Grid grid) {
    const auto [samples, h, w, channels] = maps.shape();
    const std::vector<Tap> rows = taps(h, height, grid);
    const std::vector<Tap> columns = taps(w, width, grid);
    const std::size_t line = width * channels;
    Tensor result(Shape{samples, height, width, channels});
    std::vector<float> wide(h * line);
    for (std::size_t n = 0; n < samples; ++n) {
        const float* const from = sample(maps, n).data();
        for (std::size_t y = 0; y < h; ++y) {
            const float* const row = from + y * w * channels;
            float* to = wide.data() + y * line;
            for (const Tap& tap : columns) {
                for (std::size_t c = 0; c < channels; ++c) {
                    *to++ = row[tap.low * channels + c] * (1 - tap.weight) + row[tap.high * channels + c] * tap.weight;
                }
            }
        }
        float* to = sample(result, n).data();
        for (const Tap& tap : rows) {
            const float* const top = wide.data() + tap.low * line;
            const float* const bottom = wide.data() + tap.high * line;
            for (std::size_t i = 0; i < line; ++i) to[i] = top[i] * (1 - tap.weight) + bottom[i] * tap.weight;
            to += line;
        }
    }
    return result;
}

}  // namespace pellucid::methods
