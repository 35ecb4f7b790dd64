/// A rectangle of changed pixels on top of one sample of a recorded value.
#pragma once

#include "pellucid/simd/kernels.hpp"
#include "pellucid/tensor.hpp"

namespace pellucid {

/// Rows [top, bottom) and columns [left, right).
struct Rect {
    std::size_t top = 0, left = 0, bottom = 0, right = 0;
    bool empty() const { return bottom <= top || right <= left; }
    std::size_t rows() const { return bottom - top; }
    std::size_t columns() const { return right - left; }
    std::size_t area() const { return empty() ? 0 : rows() * columns(); }
};

/// The smallest rectangle that holds both.
Rect bounding(const Rect& a, const Rect& b);

/// What one patch changes of one value. Its memory only grows.
struct Overlay {
    Rect rect;
    simd::AlignedVector data;  ///< (rows, columns, channels) of rect, and perhaps unused numbers behind it

    /// Sets the rectangle and makes room for it; contents are unspecified.
    float* reset(const Rect& to, std::size_t channels);
    /// The first channel of column `left` in row y of the image, which must lie in the rectangle.
    float* row(std::size_t y, std::size_t channels) { return data.data() + (y - rect.top) * rect.columns() * channels; }
    const float* row(std::size_t y, std::size_t channels) const {
        return data.data() + (y - rect.top) * rect.columns() * channels;
    }
};

/// A value as a patch left it: what was recorded, and the overlay.
struct Patched {
    const Shape& shape;
    const float* base;
    const Overlay& overlay;

    /// Pixel (y, x) of the recorded value.
    const float* at(std::size_t y, std::size_t x) const { return base + (y * shape[2] + x) * shape[3]; }
};

/// `rows` × `columns` pixels from (top, left) on, which may lie outside the image, where everything is `outside`.
void crop(const Patched& value, std::ptrdiff_t top, std::ptrdiff_t left, std::size_t rows, std::size_t columns,
          float outside, simd::AlignedVector& to);

/// The whole value.
void write_out(const Patched& value, float* to);

/// Whether any number of the overlay is another than the recorded one.
bool differs(const Patched& value);

/// Cuts from the overlay the margins in which nothing differs.
void shrink(const Shape& shape, const float* base, Overlay& overlay);

}  // namespace pellucid
