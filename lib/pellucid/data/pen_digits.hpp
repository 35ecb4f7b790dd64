/// Built-in drawings of digits: samples for the page, inputs of tests, free of anybody's data.
///
/// Each is one of several hand-designed ways of writing its digit, varied from a seed as hands vary: slant, aspect,
/// size, place, a smooth warp, jitter of the control points, pen width, and a pace that slows at ends and bends.
#pragma once

#include "pellucid/data/drawing.hpp"

#include <cstddef>

namespace pellucid {

struct PenDigit {
    int label = 0;    ///< 0 … 9
    Drawing drawing;  ///< on a board of 280 × 280, points every 10 ms
};

/// 300: 30 of each digit.
std::size_t pen_digit_count() noexcept;

/// The digit with that index, 0 … pen_digit_count() − 1; its label is index mod 10, so the first ten are 0 to 9.
/// The same on every platform, for ever: only arithmetic that IEEE 754 rounds exactly is used.
/// Error(bad_argument): no such index.
PenDigit pen_digit(std::size_t index);

}  // namespace pellucid
