/// Transposed convolution: each input pixel stamps the kernel, scaled by its value, into the output.
///
/// Formula   z[y·s + ky − p, x·s + kx − p, o] += x[y, x, i]·w[ky, kx, i, o], over all y, x, ky, kx, i; then + b[o]
/// Shapes    x (N, h, w, I), w (kh, kw, I, O), b (1, 1, 1, O), z (N, (h − 1)·s + kh − pt − pb + output padding, …, O)
/// Cost      forward: output positions·kh·kw·I·O multiply-adds per image (zeros in between are multiplied, too);
///           adjoint and weight gradient: input positions·kh·kw·I·O
#include "pellucid/error.hpp"
#include "pellucid/nn/layers/convolution.hpp"

#include <algorithm>

namespace pellucid {

namespace {

/// The convolution whose adjoint this is: it reads what this layer puts out.
detail::Correlation sizes_of(const ConvTranspose2d& layer, const Shape& x, const Shape& z) {
    const Shape weight = layer.weight().shape();
    return {z, x, weight[0], weight[1], layer.stride(), layer.padding()};
}

}  // namespace

ConvTranspose2d::ConvTranspose2d(Tensor weight, Tensor bias, Stride stride, Padding padding, Stride output_padding)
    : WeightedLayer(std::move(weight), std::move(bias)),
      stride_(stride),
      padding_(padding),
      output_padding_(output_padding) {
    detail::check_convolution("ConvTranspose", weight_, stride_);
    if (output_padding_.h >= stride_.h || output_padding_.w >= stride_.w) {
        fail(ErrorCode::bad_argument,
             "ConvTranspose cannot have the output padding ({}, {}): it must be below the stride ({}, {})",
             output_padding_.h, output_padding_.w, stride_.h, stride_.w);
    }
    prepared_ = ConvTranspose2d::prepare(weight_, &bias_);
}

Shape ConvTranspose2d::output_shape(std::span<const Shape> inputs) const {
    const auto [n, h, w, c] = inputs[0];
    const auto [kernel_h, kernel_w, in_c, out_c] = weight_.shape();
    if (c != in_c || h == 0 || w == 0) {
        fail(ErrorCode::bad_shape, "a ConvTranspose of {} input channels cannot read {}", in_c, to_string(inputs[0]));
    }
    const std::size_t full_h = (h - 1) * stride_.h + kernel_h + output_padding_.h;
    const std::size_t full_w = (w - 1) * stride_.w + kernel_w + output_padding_.w;
    if (full_h <= padding_.top + padding_.bottom || full_w <= padding_.left + padding_.right) {
        fail(ErrorCode::bad_shape, "a ConvTranspose cannot read {}: its padding removes all of the {}×{} output",
             to_string(inputs[0]), full_h, full_w);
    }
    return {n, full_h - padding_.top - padding_.bottom, full_w - padding_.left - padding_.right, out_c};
}

PreparedWeights ConvTranspose2d::prepare(const Tensor& weight, const Tensor* bias) const {
    detail::check_same_weights(op(), weight_, weight, bias);
    return {detail::pack(weight, true, false), detail::pack(weight, false, true), detail::pack_bias(bias), {}};
}

void ConvTranspose2d::apply(const Tensor& x, const PreparedWeights& weights, Tensor& z) const {
    detail::correlate_adjoint(sizes_of(*this, x.shape(), z.shape()), x, weights.forward,
                              detail::data_or_null(weights.bias), z);
}

void ConvTranspose2d::adjoint(const Tensor& s, const PreparedWeights& weights, Tensor& x) const {
    detail::correlate(sizes_of(*this, x.shape(), s.shape()), s, weights.adjoint, nullptr, x);
}

void ConvTranspose2d::parameter_gradients(const Step& step, const Tensor& incoming, std::span<Tensor> gradients) const {
    const auto [kernel_h, kernel_w, in_c, out_c] = weight_.shape();
    // The correlation's weight gradient has outputs before inputs.
    Tensor swapped = zeros({kernel_h, kernel_w, out_c, in_c});
    detail::correlate_weight_gradient(sizes_of(*this, step.input().shape(), incoming.shape()), incoming, step.input(),
                                      swapped.data());
    for (std::size_t tap = 0; tap < kernel_h * kernel_w; ++tap) {
        const float* from = swapped.data() + tap * in_c * out_c;
        float* to = gradients[0].data() + tap * in_c * out_c;
        for (std::size_t i = 0; i < in_c; ++i) {
            for (std::size_t o = 0; o < out_c; ++o) to[i * out_c + o] += from[o * in_c + i];
        }
    }
    detail::bias_gradient(incoming, incoming.shape()[3], gradients[1].data());
}

}  // namespace pellucid
