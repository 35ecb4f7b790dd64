/// Strides and padding as ONNX writes them, shared by convolutions and pools.
#pragma once

#include "pellucid/nn/layers.hpp"
#include "pellucid/nn/onnx/site.hpp"

namespace pellucid::onnx {

/// Reads `strides`; refuses dilations and groups other than 1.
Stride read_stride(Site& site);

/// Reads `pads` and `auto_pad` for a kernel of h × w that slides over the site's first input.
Padding read_padding(Site& site, std::size_t h, std::size_t w, Stride stride);

/// `total` pixels of padding on both ends of an axis, for auto_pad SAME_UPPER (the odd one behind) or SAME_LOWER.
struct Ends {
    std::size_t before, after;
};
Ends same_padding(std::size_t total, bool upper);

}  // namespace pellucid::onnx
