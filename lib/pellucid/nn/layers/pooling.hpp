/// Sizes of pooling windows, as ONNX and PyTorch count them.
#pragma once

#include "pellucid/nn/layers.hpp"

#include <string_view>

namespace pellucid::detail {

/// Throws where a window is empty, its stride is 0 or its padding could hold a whole window.
void check_window(std::string_view op, const Window& window);

/// Shape after pooling; throws Error(bad_shape) where no window fits.
Shape pooled_shape(std::string_view op, const Window& window, const Shape& input);

/// The part of one axis that window number `index` covers: real pixels [begin, end), and how many of the window's
/// places lie in the image with its padding (those that ceil mode adds behind it do not count).
struct Extent {
    std::size_t begin, end, padded;
};
Extent extent(std::size_t index, std::size_t kernel, std::size_t stride, std::size_t before, std::size_t size,
              std::size_t after);

}  // namespace pellucid::detail
