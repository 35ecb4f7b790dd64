/// The product that Dense layers share with predictions.
#pragma once

#include "pellucid/nn/layers.hpp"

namespace pellucid::detail {

/// out = in·W + bias (null = none), then `fuse`, over the batch.
void multiply(const Tensor& in, const simd::PackedWeights& weights, const float* bias, Tensor& out,
              simd::Fuse fuse = simd::Fuse::none);

}  // namespace pellucid::detail
