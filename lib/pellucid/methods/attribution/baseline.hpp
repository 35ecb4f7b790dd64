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

/// Every channel of every image blurred: Gaussian, σ in pixels (0 leaves it as it is), cut off at 3σ, paper (the
/// range's low end) beyond the border.
Tensor blurred(const Tensor& images, const InputRange& range, double sigma = 4.0);

/// The baseline of every sample, shaped as the input: paper and ink (the ends of the network's input range), the input
/// blurred(), the mean of uniform noise (the range's middle), or the image given (one for all samples, or one each).
Tensor baseline(const Request& request, const BaselineParams& p);

}  // namespace pellucid::methods
