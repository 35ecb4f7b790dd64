/// Baselines: what an input is compared with.
#pragma once

#include "pellucid/methods/method.hpp"

namespace pellucid::methods {

/// Cards of the parameters that baseline() reads: `baseline` and `baseline_image`.
std::vector<ParamCard> baseline_params();

/// Every channel of every image blurred: Gaussian, σ = 4 pixels, paper (0) beyond the border.
Tensor blurred(const Tensor& images);

/// The baseline of every sample, shaped as the input: paper (0), ink (1), the input blurred(), the mean of
/// uniform noise on [0, 1) (½), or the image given (one for all samples, or one each).
Tensor baseline(const Request& request);

}  // namespace pellucid::methods
