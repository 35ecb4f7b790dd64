/// What a person draws: strokes of points on a board, and their raster.
///
/// Board coordinates: x to the right, y down, the board covers [0, width) × [0, height) in any unit (the page uses CSS
/// pixels); stroke widths are in the same unit. Ink is 1, paper 0.
#pragma once

#include "pellucid/tensor.hpp"

#include <cstddef>
#include <vector>

namespace pellucid {

struct Point {
    float x = 0.0F;
    float y = 0.0F;
    float t_ms = 0.0F;  ///< milliseconds since the drawing began; for replay, not used by the raster
};

/// Board sides and pen widths must lie in this range, so that every step stays finite in float32.
inline constexpr float least_length = 1e-6F;
inline constexpr float greatest_length = 1e6F;

/// One movement of the pen from touch to lift. Points must be finite; far outside the board is allowed, but ink outside
/// the board does not count.
struct Stroke {
    std::vector<Point> points;
    float width = 0.0F;   ///< diameter of the round pen
    bool eraser = false;  ///< removes the ink of the strokes before it
};

struct Drawing {
    float width = 1.0F;
    float height = 1.0F;
    std::vector<Stroke> strokes;
};

/// Pen width, as a part of the board's longer side, that gives a digit of ordinary size ink as thick as MNIST's.
inline constexpr float default_pen_width = 0.085F;

/// A rectangle in board coordinates; empty where right ≤ left or bottom ≤ top.
struct Box {
    float left = 0.0F;
    float top = 0.0F;
    float right = 0.0F;
    float bottom = 0.0F;

    float width() const noexcept { return right - left; }
    float height() const noexcept { return bottom - top; }
    bool empty() const noexcept { return !(right > left && bottom > top); }
};

/// The smallest box around the pen strokes with their width, cut to the board; erasers play no part.
/// Error(bad_argument): a board or a pen whose size is out of range, or a point that is not finite.
Box stroke_bounds(const Drawing& drawing);

/// The whole board, anti-aliased: (1, rows, columns, 1) with `size` pixels along its longer side, 1 ≤ size ≤ 4096.
/// Errors as stroke_bounds, and Error(bad_argument) for another size.
Tensor rasterise(const Drawing& drawing, std::size_t size);

/// A square part of the board, size×size pixels: the square's upper left corner is (left, top), its side is `side`.
/// It may reach over the board's edge; nothing is there.
Tensor rasterise(const Drawing& drawing, float left, float top, float side, std::size_t size);

}  // namespace pellucid
