/// Rectangles of changed pixels on top of one sample of a recorded value, for several patches side by side.
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

/// What some patches make of one value: a strip of memory that holds a cell for each, one beside the other, so that a
/// kernel can work on all of them at once. In its cell lies a patch's rectangle; what lies around it is unspecified.
/// Memory only grows.
class Overlays {
public:
    /// Makes room for `count` cells of rows × columns pixels; contents are unspecified, no rectangle is set.
    void reset(std::size_t count, std::size_t rows, std::size_t columns, std::size_t channels);
    /// The same for a strip whose rows are `width` pixels: a kernel may leave out the last ones.
    void reset(std::size_t count, std::size_t rows, std::size_t columns, std::size_t channels, std::size_t width);

    /// Patch p's rectangle, (y, x) pixels behind the corner of its cell.
    void place(std::size_t p, const Rect& rect, std::size_t y = 0, std::size_t x = 0);

    const Rect& rect(std::size_t p) const { return cells_[p].rect; }
    bool all_empty(std::size_t count) const;
    std::size_t step() const { return step_; }  ///< floats from one row to the next
    /// Row y of the value, which must lie in the rectangle, from the rectangle's first column on.
    float* row(std::size_t p, std::size_t y) { return data_.data() + offset(p, y); }
    const float* row(std::size_t p, std::size_t y) const { return data_.data() + offset(p, y); }
    /// The corner of a cell.
    float* cell(std::size_t p) { return data_.data() + p * cell_; }
    float* strip() { return data_.data(); }

private:
    struct Cell {
        Rect rect;
        std::size_t first;  ///< where the rectangle begins
    };
    std::size_t offset(std::size_t p, std::size_t y) const {
        return cells_[p].first + (y - cells_[p].rect.top) * step_;
    }

    simd::AlignedVector data_;
    std::vector<Cell> cells_;
    std::size_t step_ = 0, cell_ = 0, channels_ = 0;
};

/// A value as patch `p` left it: what was recorded, and the overlay.
struct Patched {
    const Shape& shape;
    const float* base;
    const Overlays& overlays;
    std::size_t p;

    const Rect& rect() const { return overlays.rect(p); }
    /// Pixel (y, x) of the recorded value.
    const float* at(std::size_t y, std::size_t x) const { return base + (y * shape[2] + x) * shape[3]; }
};

/// The whole value.
void write_out(const Patched& value, float* to);

/// Columns [left, right) of row y.
void write_row(const Patched& value, std::size_t y, std::size_t left, std::size_t right, float* to);

/// The smallest rectangle that holds all pixels of the overlay which are not as recorded.
Rect changed(const Patched& value);

}  // namespace pellucid
