#include "pellucid/nn/weighted_layer.hpp"

#include "pellucid/error.hpp"

namespace pellucid {

WeightedLayer::WeightedLayer(Tensor weight, Tensor bias) : weight_(std::move(weight)), bias_(std::move(bias)) {
    if (bias_.shape() != Shape{1, 1, 1, weight_.shape()[3]}) {
        fail(ErrorCode::bad_shape, "a bias of shape {} does not fit weights of shape {}: (1, 1, 1, {}) would",
             to_string(bias_.shape()), to_string(weight_.shape()), weight_.shape()[3]);
    }
}

void WeightedLayer::set_weights(Tensor weight, Tensor bias) {
    if (weight.shape() != weight_.shape() || bias.shape() != bias_.shape()) {
        fail(ErrorCode::bad_shape, "weights {} and bias {} cannot replace weights {} and bias {}",
             to_string(weight.shape()), to_string(bias.shape()), to_string(weight_.shape()), to_string(bias_.shape()));
    }
    weight_ = std::move(weight);
    bias_ = std::move(bias);
    refresh();
}

void WeightedLayer::adjoint_times(const Tensor& s, const PreparedWeights& weights, const Tensor& x, Tensor& out) const {
    adjoint(s, weights, out);
    simd::kernels().multiply(out.size(), out.data(), x.data(), out.data());
}

}  // namespace pellucid
