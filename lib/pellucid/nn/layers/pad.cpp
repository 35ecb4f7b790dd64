/// Pixels around an image.
///
/// Formula   zeros: 0 outside; edge: the nearest pixel; reflect: x[−i] = x[i], the edge itself not repeated
/// Shapes    x (N, h, w, C), y (N, top + h + bottom, left + w + right, C)
/// Cost      one copy forward, one addition per element backward
#include "pellucid/error.hpp"
#include "pellucid/nn/layers.hpp"

#include <algorithm>
#include <optional>

namespace pellucid {

namespace {

/// The pixel of an axis of `size` that output pixel `at` shows; nothing for a zero.
std::optional<std::size_t> source_pixel(Pad::Mode mode, std::size_t at, std::size_t before, std::size_t size) {
    const auto place = static_cast<std::ptrdiff_t>(at) - static_cast<std::ptrdiff_t>(before);
    const auto last = static_cast<std::ptrdiff_t>(size) - 1;
    if (place >= 0 && place <= last) return static_cast<std::size_t>(place);
    switch (mode) {
        case Pad::Mode::zeros: break;
        case Pad::Mode::edge: return static_cast<std::size_t>(std::clamp<std::ptrdiff_t>(place, 0, last));
        case Pad::Mode::reflect: return static_cast<std::size_t>(place < 0 ? -place : 2 * last - place);
    }
    return std::nullopt;
}

/// Calls body(place in y, place in x) for every pixel of y that shows one of x.
template <typename Body>
void each_shown(const Pad& layer, const Shape& x, const Shape& y, Body body) {
    const Padding& padding = layer.padding();
    for (std::size_t n = 0; n < y[0]; ++n) {
        for (std::size_t row = 0; row < y[1]; ++row) {
            const auto from_row = source_pixel(layer.mode(), row, padding.top, x[1]);
            if (!from_row) continue;
            for (std::size_t column = 0; column < y[2]; ++column) {
                const auto from_column = source_pixel(layer.mode(), column, padding.left, x[2]);
                if (!from_column) continue;
                body(((n * y[1] + row) * y[2] + column) * y[3], ((n * x[1] + *from_row) * x[2] + *from_column) * x[3]);
            }
        }
    }
}

}  // namespace

Shape Pad::output_shape(std::span<const Shape> inputs) const {
    const auto [n, h, w, c] = inputs[0];
    const auto [top, left, bottom, right] = padding_;
    if (mode_ == Mode::reflect && (std::max(top, bottom) >= h || std::max(left, right) >= w)) {
        fail(ErrorCode::bad_shape, "a mirrored padding of ({}, {}, {}, {}) needs an image that is larger than {}", top,
             left, bottom, right, to_string(inputs[0]));
    }
    return {n, top + h + bottom, left + w + right, c};
}

void Pad::forward(std::span<const Tensor* const> inputs, Tensor& output, Record&) const {
    const Tensor& x = *inputs[0];
    const std::size_t channels = x.shape()[3];
    std::fill_n(output.data(), output.size(), 0.0F);
    each_shown(*this, x.shape(), output.shape(),
               [&](std::size_t to, std::size_t from) { std::copy_n(x.data() + from, channels, output.data() + to); });
}

void Pad::input_gradient(const Step&, const Tensor& incoming, std::span<Tensor* const> gradients) const {
    if (gradients[0] == nullptr) return;
    Tensor& out = *gradients[0];
    const std::size_t channels = out.shape()[3];
    std::fill_n(out.data(), out.size(), 0.0F);
    each_shown(*this, out.shape(), incoming.shape(), [&](std::size_t from, std::size_t to) {
        for (std::size_t c = 0; c < channels; ++c) out.data()[to + c] += incoming.data()[from + c];
    });
}

}  // namespace pellucid
