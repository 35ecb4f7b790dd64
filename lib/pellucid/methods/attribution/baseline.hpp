/// Baselines: what an input is compared with.
#pragma once

#include "pellucid/methods/method.hpp"

namespace pellucid::methods {

enum class BaselineKind : std::uint8_t { paper, ink, blurred, noise_mean, image };
/// The parameters `baseline` and `baseline_image`.
struct BaselineParams {
    BaselineKind kind = BaselineKind::paper;
    std::shared_ptr<const Tensor> image;
};
void describe(Fields& f, BaselineParams& p);

/// Every channel of every image blurred: Gaussian, σ = 4 pixels, paper (0) beyond the border.
Tensor blurred(const Tensor& images);

/// The baseline of every sample, shaped as the input: paper (0), ink (1), the input blurred(), the mean of
/// uniform noise on [0, 1) (½), or the image given (one for all samples, or one each).
Tensor baseline(const Request& request, const BaselineParams& p);

}  // namespace pellucid::methods
