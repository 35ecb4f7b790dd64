/// What the class activation maps that look at a gradient have in common: a layer's feature maps, summed over the
/// channels with weights that come from the target's gradient there.
#pragma once

#include "pellucid/methods/method.hpp"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace pellucid::methods {

struct CamParams {
    std::string layer;
    bool relu = true;
};
void describe(Fields& f, CamParams& p);

/// Σ over the channels at every position of one sample: `maps` and `gradients` are (h, w, K), `coarse` is (h, w).
using CamSum = void (*)(std::span<const float> maps, std::span<const float> gradients, std::size_t channels,
                        std::span<double> coarse);

/// "map", enlarged bilinearly (half-pixel centres) to the input, and "coarse", in the layer's own size.
Result gradient_cam(std::string_view method, const Request& request, const CamParams& p, CamSum sum);

/// What the coarse maps (N, h, w, 1) give, kept where positive if `relu`.
void add_cam(Result& result, const Request& request, Tensor coarse, bool relu);
std::vector<Output> cam_outputs();

/// Σ_k weights[k]·maps[·, k], (h, w).
void weighted_sum(std::span<const float> maps, std::span<const double> weights, std::span<double> coarse);

}  // namespace pellucid::methods
