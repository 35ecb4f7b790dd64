#include "pellucid/nn/frame.hpp"

#include "pellucid/nn/layers.hpp"

#include <algorithm>

namespace pellucid::detail {

namespace {

std::uint64_t side(std::uint64_t padded, std::uint64_t windows, std::uint64_t stride, std::uint64_t window) {
    constexpr std::uint64_t most = std::uint64_t{1} << 31U;
    const std::uint64_t before_last = windows - 1;
    const bool large = before_last > 0 && stride > most / before_last;
    return std::min(most, std::max(padded, large ? most : before_last * stride + window));
}

std::uint64_t frame(const Shape& image, const Shape& windows, Stride stride, std::uint64_t window_h,
                    std::uint64_t window_w, const Padding& p) {
    constexpr std::uint64_t most = std::uint64_t{1} << 62U;
    const std::uint64_t h = side(std::uint64_t{image[1]} + p.top + p.bottom, windows[1], stride.h, window_h);
    const std::uint64_t w = side(std::uint64_t{image[2]} + p.left + p.right, windows[2], stride.w, window_w);
    return image[3] > most / (h * w) ? most : h * w * image[3];
}

}  // namespace

std::uint64_t frame_elements(const Layer& layer, const Shape& input, const Shape& output) {
    if (const auto* conv = dynamic_cast<const Conv2d*>(&layer)) {
        const auto weight = conv->weight().shape();
        return frame(input, output, conv->stride(), weight[0], weight[1], conv->padding());
    }
    if (const auto* conv = dynamic_cast<const ConvTranspose2d*>(&layer)) {
        // The adjoint of a convolution that reads the output.
        const auto weight = conv->weight().shape();
        return frame(output, input, conv->stride(), weight[0], weight[1], conv->padding());
    }
    if (const auto* pool = dynamic_cast<const MaxPool2d*>(&layer)) {
        const Window& window = pool->window();
        return frame(input, output, window.stride, window.h, window.w, window.padding);
    }
    if (const auto* pool = dynamic_cast<const AveragePool2d*>(&layer)) {
        const Window& window = pool->window();
        return frame(input, output, window.stride, window.h, window.w, window.padding);
    }
    return 0;
}

}  // namespace pellucid::detail
