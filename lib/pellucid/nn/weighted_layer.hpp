/// Layers with weights: z = W·x + b. Relevance rules ask them for the same map with other weights.
#pragma once

#include "pellucid/nn/layer.hpp"
#include "pellucid/simd/kernels.hpp"

#include <memory>
#include <mutex>

namespace pellucid {

/// Weights and bias in the orders in which the kernels read them, forward and adjoint.
struct PreparedWeights {
    /// Made when first asked for, by whichever thread asks; copies of the weights share it.
    struct Fast {
        std::once_flag once_forward, once_adjoint;
        simd::PackedWeights forward, adjoint;
    };

    simd::PackedWeights forward;
    simd::PackedWeights adjoint;
    simd::AlignedVector bias;    ///< empty = no bias
    std::shared_ptr<Fast> fast;  ///< for Conv2d::fast_forward and fast_adjoint; null = there is no faster form
};

class WeightedLayer : public Layer {
public:
    /// weight: (kernel rows, kernel columns, inputs, outputs); bias: (1, 1, 1, outputs).
    /// Throws Error(bad_shape) where the two do not agree.
    WeightedLayer(Tensor weight, Tensor bias);

    const Tensor& weight() const { return weight_; }
    const Tensor& bias() const { return bias_; }
    /// Replaces both; shapes must stay. The prepared forms follow.
    void set_weights(Tensor weight, Tensor bias);
    const PreparedWeights& prepared() const { return prepared_; }

    /// The kernels' form of other weights of the same shapes; `bias` null = no bias.
    virtual PreparedWeights prepare(const Tensor& weight, const Tensor* bias) const = 0;

    /// z = W·x + b. `z` has its shape already.
    virtual void apply(const Tensor& x, const PreparedWeights& weights, Tensor& z) const = 0;

    /// x = Wᵀ·s (no bias). `x` has its shape already.
    virtual void adjoint(const Tensor& s, const PreparedWeights& weights, Tensor& x) const = 0;

    /// out = x ⊙ Wᵀ·s, what relevance rules hand down. `out`, neither s nor x, has its shape already.
    virtual void adjoint_times(const Tensor& s, const PreparedWeights& weights, const Tensor& x, Tensor& out) const;

    /// Puts 0 where the layer has no connection, as a convolution in groups or with a dilated kernel has none.
    virtual void keep_connected(Tensor& /*weight*/) const {}

    void forward(std::span<const Tensor* const> inputs, Tensor& output, Record&) const override {
        apply(*inputs[0], prepared_, output);
    }
    void input_gradient(const Step&, const Tensor& incoming, std::span<Tensor* const> gradients) const override {
        if (gradients[0] != nullptr) adjoint(incoming, prepared_, *gradients[0]);
    }
    std::vector<Parameter> parameters() override { return {{"weight", &weight_}, {"bias", &bias_}}; }
    void refresh() override { prepared_ = prepare(weight_, &bias_); }

protected:
    Tensor weight_;
    Tensor bias_;
    PreparedWeights prepared_;
};

}  // namespace pellucid
