/// The part of the input that a part of a layer can depend on, from the layers' windows alone.
#pragma once

#include "pellucid/methods/target.hpp"
#include "pellucid/nn/network.hpp"

#include <algorithm>
#include <cstddef>

namespace pellucid::methods {

/// Rows top … bottom − 1 and columns left … right − 1 of a value.
struct FieldRect {
    std::ptrdiff_t top = 0, left = 0, bottom = 0, right = 0;
    bool empty() const { return bottom <= top || right <= left; }
    std::ptrdiff_t height() const { return empty() ? 0 : bottom - top; }
    std::ptrdiff_t width() const { return empty() ? 0 : right - left; }
    bool operator==(const FieldRect&) const = default;
};

/// The rectangle of a layer's input, of that shape, that `out` of its output is computed from, cut to the image.
FieldRect window_under(const Layer& layer, const Shape& input, const FieldRect& out);

/// The input's rectangle that `rect` of value `value` can depend on: its receptive field, cut to the image.
FieldRect receptive_rect(const Network& network, ValueId value, const FieldRect& rect);

/// The same for what a target is made of: a unit, a channel, a layer, a class.
FieldRect receptive_rect(const Network& network, const Target& target);

}  // namespace pellucid::methods
