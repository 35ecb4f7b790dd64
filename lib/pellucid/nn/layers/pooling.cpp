#include "pellucid/nn/layers/pooling.hpp"

#include "pellucid/error.hpp"

#include <algorithm>

namespace pellucid::detail {

namespace {

/// Number of windows along one axis, 0 where none fits.
std::size_t pooled_size(std::size_t size, std::size_t kernel, std::size_t stride, std::size_t before, std::size_t after,
                        bool ceil) {
    const std::size_t room = size + before + after + (ceil ? stride - 1 : 0);
    if (size == 0 || room < kernel) return 0;
    std::size_t count = (room - kernel) / stride + 1;
    // A window that would start behind the last pixel sees padding only: dropped.
    if (ceil && (count - 1) * stride >= size + before) --count;
    return count;
}

}  // namespace

void check_window(std::string_view op, const Window& window) {
    if (window.h == 0 || window.w == 0 || window.stride.h == 0 || window.stride.w == 0) {
        fail(ErrorCode::bad_argument, "{} cannot have a {}×{} window with stride ({}, {}): all must be at least 1", op,
             window.h, window.w, window.stride.h, window.stride.w);
    }
    const Padding& padding = window.padding;
    if (std::max(padding.top, padding.bottom) >= window.h || std::max(padding.left, padding.right) >= window.w) {
        fail(ErrorCode::bad_argument,
             "{} with a {}×{} window cannot have the padding (top {}, left {}, bottom {}, right {}): each must be "
             "smaller than the window",
             op, window.h, window.w, padding.top, padding.left, padding.bottom, padding.right);
    }
}

Shape pooled_shape(std::string_view op, const Window& window, const Shape& input) {
    const Padding& padding = window.padding;
    const std::size_t h = pooled_size(input[1], window.h, window.stride.h, padding.top, padding.bottom, window.ceil);
    const std::size_t w = pooled_size(input[2], window.w, window.stride.w, padding.left, padding.right, window.ceil);
    if (h == 0 || w == 0) {
        fail(ErrorCode::bad_shape, "{} with a {}×{} window cannot read {}: with its padding that is only {}×{}", op,
             window.h, window.w, to_string(input), input[1] + padding.top + padding.bottom,
             input[2] + padding.left + padding.right);
    }
    return {input[0], h, w, input[3]};
}

Extent extent(std::size_t index, std::size_t kernel, std::size_t stride, std::size_t before, std::size_t size,
              std::size_t after) {
    const std::size_t start = index * stride;  // counted from the start of the padding
    const std::size_t stop = std::min(start + kernel, before + size + after);
    const auto real = [&](std::size_t at) { return std::min(at > before ? at - before : 0, size); };
    return {real(start), real(stop), stop - start};
}

}  // namespace pellucid::detail
