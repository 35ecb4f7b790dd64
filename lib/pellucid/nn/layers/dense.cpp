/// Fully connected layer.
///
/// Formula   z[n, o] = b[o] + Σ x[n, i]·w[i, o]
/// Shapes    x (N, 1, 1, I), w (1, 1, I, O), b (1, 1, 1, O), z (N, 1, 1, O)
/// Cost      forward, adjoint and weight gradient: I·O multiply-adds per sample each
#include "pellucid/error.hpp"
#include "pellucid/nn/layers/convolution.hpp"
#include "pellucid/nn/layers/work.hpp"

namespace pellucid {

namespace {

/// Several samples share one pass over the weights, so a task gets at least this many.
constexpr std::size_t least_samples = 8;

void multiply(const Tensor& in, const simd::PackedWeights& weights, const float* bias, Tensor& out) {
    const std::size_t samples = std::max(least_samples, detail::grain(weights.in_c * weights.out_c));
    parallel_for(in.shape()[0], samples, [&](std::size_t first, std::size_t last) {
        simd::kernels().dense(last - first, sample(in, first).data(), weights, bias, sample(out, first).data(),
                              simd::Fuse::none);
    });
}

}  // namespace

Dense::Dense(Tensor weight, Tensor bias) : WeightedLayer(std::move(weight), std::move(bias)) {
    if (weight_.shape()[0] != 1 || weight_.shape()[1] != 1 || weight_.size() == 0) {
        fail(ErrorCode::bad_shape, "Dense weights of shape {} are not a matrix: (1, 1, inputs, outputs) would be",
             to_string(weight_.shape()));
    }
    prepared_ = Dense::prepare(weight_, &bias_);
}

Shape Dense::output_shape(std::span<const Shape> inputs) const {
    const std::size_t in_c = weight_.shape()[2];
    if (inputs[0] != Shape{inputs[0][0], 1, 1, in_c}) {
        const bool flattens = sample_size(inputs[0]) == in_c;
        fail(ErrorCode::bad_shape, "Dense of {} inputs cannot read {}: {}", in_c, to_string(inputs[0]),
             flattens ? std::string("put a Flatten before it")
                      : fmt::format("it needs {}", to_string(Shape{inputs[0][0], 1, 1, in_c})));
    }
    return {inputs[0][0], 1, 1, weight_.shape()[3]};
}

PreparedWeights Dense::prepare(const Tensor& weight, const Tensor* bias) const {
    detail::check_same_weights("Dense", weight_, weight, bias);
    return {detail::pack(weight, false, false), detail::pack(weight, false, true), detail::pack_bias(bias)};
}

void Dense::apply(const Tensor& x, const PreparedWeights& weights, Tensor& z) const {
    multiply(x, weights.forward, detail::data_or_null(weights.bias), z);
}

void Dense::adjoint(const Tensor& s, const PreparedWeights& weights, Tensor& x) const {
    multiply(s, weights.adjoint, nullptr, x);
}

void Dense::parameter_gradients(const Step& step, const Tensor& incoming, std::span<Tensor> gradients) const {
    const std::size_t in_c = weight_.shape()[2];
    const std::size_t out_c = weight_.shape()[3];
    detail::sum_in_chunks(incoming.shape()[0], in_c * out_c, in_c * out_c, gradients[0].data(),
                          [&](std::size_t first, std::size_t last, float* sum) {
                              simd::kernels().dense_weight_gradient(last - first, in_c, out_c,
                                                                    sample(step.input(), first).data(),
                                                                    sample(incoming, first).data(), sum);
                          });
    detail::bias_gradient(incoming, gradients[1].data());
}

}  // namespace pellucid
