/// Baselines: what an input is compared with.
#pragma once

#include "pellucid/methods/method.hpp"

namespace pellucid::methods {

/// Cards of the parameters that baseline() reads: `baseline` and `baseline_image`.
std::vector<ParamCard> baseline_params();

/// Every channel of every image blurred: Gaussian, σ = 4 pixels, paper (the range's low end) beyond the border.
Tensor blurred(const Tensor& images, const InputRange& range);

/// The baseline of every sample, shaped as the input: paper and ink (the ends of the network's input range), the input
/// blurred(), the mean of uniform noise (the range's middle), or the image given (one for all samples, or one each).
Tensor baseline(const Request& request);

}  // namespace pellucid::methods
