/// Puts an image into a frame of another size: padding, cropping and dilation in one copy.
#pragma once

#include "pellucid/tensor.hpp"

#include <cstddef>

namespace pellucid::detail {

/// frame[top + y·step_h, left + x·step_w] = image[y, x] wherever that lies inside; `fill` elsewhere.
struct Frame {
    std::size_t h, w;
    std::ptrdiff_t top, left;
    std::size_t step_h = 1, step_w = 1;
    float fill = 0.0F;
};

/// image: (h, w, c). The result, (frame.h, frame.w, c), stays valid until this thread's next call.
/// No allocation once the thread's buffer has grown to the largest frame.
const float* place(const float* image, std::size_t h, std::size_t w, std::size_t c, const Frame& frame);

}  // namespace pellucid::detail
