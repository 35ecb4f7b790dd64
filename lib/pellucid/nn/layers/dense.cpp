/// Fully connected layer.
///
/// Formula   z[n, o] = b[o] + Σ x[n, i]·w[i, o]
/// Shapes    x (N, 1, 1, I), w (1, 1, I, O), b (1, 1, 1, O), z (N, 1, 1, O)
/// Cost      forward, adjoint and weight gradient: I·O multiply-adds per sample each
#include "pellucid/nn/layers/dense.hpp"

#include "pellucid/error.hpp"
#include "pellucid/nn/layers/convolution.hpp"
#include "pellucid/nn/layers/work.hpp"

namespace pellucid {

void detail::multiply(const Tensor& in, const simd::PackedWeights& weights, const float* bias, Tensor& out,
                      simd::Fuse fuse) {
    // Several samples share one pass over the weights, so a task gets at least this many.
    constexpr std::size_t least = 8;
    const std::size_t samples = std::max(least, grain(weights.in_c * weights.out_c));
    parallel_for(in.shape()[0], samples, [&](std::size_t first, std::size_t last) {
        simd::kernels().dense(last - first, sample(in, first).data(), weights, bias, sample(out, first).data(), fuse);
    });
}

void detail::multiply_back(const Tensor& s, const PreparedWeights& weights, const Tensor* gate, Tensor& x) {
    const auto by_forward_weights = simd::kernels().dense_adjoint;
    if (s.shape()[0] == 1 && by_forward_weights != nullptr) {
        by_forward_weights(s.data(), weights.forward, gate == nullptr ? nullptr : gate->data(), x.data());
    } else {
        multiply(s, weights.adjoint, nullptr, x);
    }
}

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
    return {detail::pack(weight, false, false), detail::pack(weight, false, true), detail::pack_bias(bias), {}};
}

void Dense::apply(const Tensor& x, const PreparedWeights& weights, Tensor& z) const {
    detail::multiply(x, weights.forward, detail::data_or_null(weights.bias), z);
}

void Dense::adjoint(const Tensor& s, const PreparedWeights& weights, Tensor& x) const {
    detail::multiply_back(s, weights, nullptr, x);
}

void Dense::adjoint_times(const Tensor& s, const PreparedWeights& weights, const Tensor& x, Tensor& out) const {
    detail::multiply_back(s, weights, &x, out);
    simd::kernels().multiply(out.size(), out.data(), x.data(), out.data());
}

void Dense::parameter_gradients(const Step& step, const Tensor& incoming, std::span<Tensor> gradients) const {
    const std::size_t batch = incoming.shape()[0];
    const std::size_t in_c = weight_.shape()[2];
    const std::size_t out_c = weight_.shape()[3];
    // Every task has rows of the weights to itself and sums over the whole batch, so nothing depends on the threads.
    // Copied together, its inputs of all samples lie in the nearest cache.
    constexpr std::size_t most = 64;
    const std::size_t slices = (in_c + most - 1) / most;
    parallel_for(slices, detail::grain(batch * most * out_c), [&](std::size_t first, std::size_t last) {
        thread_local simd::AlignedVector inputs;
        if (inputs.size() < batch * most) inputs.resize(batch * most);
        for (std::size_t slice = first; slice < last; ++slice) {
            const std::size_t begin = slice * most;
            const std::size_t count = std::min(most, in_c - begin);
            for (std::size_t n = 0; n < batch; ++n) {
                std::copy_n(sample(step.input(), n).data() + begin, count, inputs.data() + n * count);
            }
            simd::kernels().dense_weight_gradient(batch, count, out_c, inputs.data(), incoming.data(),
                                                  gradients[0].data() + begin * out_c);
        }
    });
    detail::bias_gradient(incoming, incoming.shape()[3], gradients[1].data());
}

}  // namespace pellucid
