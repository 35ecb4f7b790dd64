/// The product that Dense layers share with predictions.
#pragma once

#include "pellucid/nn/layers.hpp"

namespace pellucid::detail {

/// out = in·W + bias (null = none), then `fuse`, over the batch.
void multiply(const Tensor& in, const simd::PackedWeights& weights, const float* bias, Tensor& out,
              simd::Fuse fuse = simd::Fuse::none);

/// x = Wᵀ·s over the batch. Where `gate` (null = none), shaped as x, is 0, x may be 0 instead: nobody asks there.
void multiply_back(const Tensor& s, const PreparedWeights& weights, const Tensor* gate, Tensor& x);

}  // namespace pellucid::detail
