#include "pellucid/methods/inside/montage.hpp"

#include <algorithm>
#include <cmath>

namespace pellucid::methods {

namespace {

/// The divisor of `count` next to its root from below.
std::size_t rows_of_rectangle(std::size_t count) {
    auto rows = static_cast<std::size_t>(std::sqrt(static_cast<double>(count)));
    while (rows > 1 && count % rows != 0) --rows;
    return std::max<std::size_t>(rows, 1);
}

}  // namespace

Frames channel_pictures(const Tensor& value) {
    const auto [samples, height, width, channels] = value.shape();
    Frames frames;
    if (height * width == 1) {
        const std::size_t rows = rows_of_rectangle(channels);
        Tensor picture(Shape{samples, rows, channels / rows, 1});
        std::copy_n(value.data(), value.size(), picture.data());
        frames.images.push_back(std::move(picture));
        frames.steps.push_back(0);
        return frames;
    }
    for (std::size_t channel = 0; channel < channels; ++channel) {
        Tensor picture(Shape{samples, height, width, 1});
        for (std::size_t i = 0; i < picture.size(); ++i) picture.data()[i] = value.data()[i * channels + channel];
        frames.images.push_back(std::move(picture));
        frames.steps.push_back(static_cast<std::uint32_t>(channel));
    }
    return frames;
}

Tensor montage(const Tensor& channels) {
    const auto [one, height, width, count] = channels.shape();
    const auto columns = static_cast<std::size_t>(std::ceil(std::sqrt(static_cast<double>(count))));
    const std::size_t rows = (count + columns - 1) / columns;
    Tensor all = zeros({1, rows * (height + 1) - 1, columns * (width + 1) - 1, 1});
    for (std::size_t channel = 0; channel < count; ++channel) {
        const std::size_t top = channel / columns * (height + 1), left = channel % columns * (width + 1);
        for (std::size_t y = 0; y < height; ++y) {
            for (std::size_t x = 0; x < width; ++x) all(0, top + y, left + x, 0) = channels(0, y, x, channel);
        }
    }
    return all;
}

}  // namespace pellucid::methods
