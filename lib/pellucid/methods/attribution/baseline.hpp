/// Baselines: what an input is compared with.
#pragma once

#include "pellucid/methods/method.hpp"

namespace pellucid::methods {

/// Cards of the parameters that baseline() reads: `baseline` and `baseline_image`.
std::vector<ParamCard> baseline_params();

/// The baseline of every sample, shaped as the input: paper (0), ink (1), the input blurred (Gaussian, σ = 4 pixels), the mean of
/// uniform noise on [0, 1) (½), or the image given (one for all samples, or one each).
Tensor baseline(const Request& request);

}  // namespace pellucid::methods
