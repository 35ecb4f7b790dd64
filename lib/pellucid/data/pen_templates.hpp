/// How people write the ten digits: control points of pen strokes, the raw material of pen_digit().
#pragma once

#include <cstdint>
#include <span>

namespace pellucid {

/// What a control point does.
enum class Knot : std::uint8_t {
    smooth,  ///< the stroke passes through without a bend
    corner,  ///< the stroke changes direction at once
    start    ///< the pen is lifted and a new stroke begins here (the first point needs no mark)
};

/// x to the right (a digit is about 60 wide), y down (0 top, 100 bottom).
struct ControlPoint {
    float x;
    float y;
    Knot knot = Knot::smooth;
};

/// One way of writing a digit; a digit's weights, its variants among 30, sum to 30.
struct PenTemplate {
    std::uint8_t label;
    std::uint8_t weight;
    std::span<const ControlPoint> points;
};

/// All templates, grouped by label in rising order.
std::span<const PenTemplate> pen_templates();

}  // namespace pellucid
