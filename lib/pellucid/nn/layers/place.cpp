#include "pellucid/nn/layers/place.hpp"

#include "pellucid/simd/kernels.hpp"

#include <algorithm>

namespace pellucid::detail {

namespace {

/// Items of `count`, put at first + i·step, that lie inside 0 … size − 1.
struct Range {
    std::size_t begin, end;
};

Range inside(std::size_t count, std::ptrdiff_t first, std::size_t step, std::size_t size) {
    const auto stride = static_cast<std::ptrdiff_t>(step);
    const std::ptrdiff_t begin = first >= 0 ? 0 : (-first + stride - 1) / stride;
    const std::ptrdiff_t room = static_cast<std::ptrdiff_t>(size) - first;
    const std::ptrdiff_t end = room <= 0 ? 0 : (room + stride - 1) / stride;
    const std::ptrdiff_t last = std::min(end, static_cast<std::ptrdiff_t>(count));
    return {static_cast<std::size_t>(std::min(begin, last)), static_cast<std::size_t>(last)};
}

}  // namespace

const float* place(const float* image, std::size_t h, std::size_t w, std::size_t c, const Frame& frame) {
    thread_local simd::AlignedVector buffer;
    const std::size_t row = frame.w * c;
    if (buffer.size() < frame.h * row) buffer.resize(frame.h * row);

    const Range rows = inside(h, frame.top, frame.step_h, frame.h);
    const Range columns = inside(w, frame.left, frame.step_w, frame.w);
    const auto column_at = [&](std::size_t x) {
        return static_cast<std::size_t>(frame.left + static_cast<std::ptrdiff_t>(x * frame.step_w));
    };

    float* out = buffer.data();
    float* const end = out + frame.h * row;
    for (std::size_t y = rows.begin; y < rows.end; ++y) {
        const auto at = static_cast<std::size_t>(frame.top + static_cast<std::ptrdiff_t>(y * frame.step_h));
        float* const line = buffer.data() + at * row;
        out = std::fill_n(out, line - out, frame.fill);
        for (std::size_t x = columns.begin; x < columns.end;) {
            // Neighbours that stay neighbours travel together.
            const std::size_t run = frame.step_w == 1 ? columns.end - x : 1;
            float* const pixel = line + column_at(x) * c;
            out = std::fill_n(out, pixel - out, frame.fill);
            out = std::copy_n(image + (y * w + x) * c, run * c, out);
            x += run;
        }
    }
    std::fill(out, end, frame.fill);
    return buffer.data();
}

}  // namespace pellucid::detail
