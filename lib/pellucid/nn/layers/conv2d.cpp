/// Convolution, as machine learning uses the word (cross-correlation).
///
/// Formula   z[y, x, o] = b[o] + Σ x[y·s + ky − p, x·s + kx − p, i]·w[ky, kx, i, o]; zeros outside the image
/// Shapes    x (N, h, w, I), w (kh, kw, I, O), b (1, 1, 1, O), z (N, ⌊(h + pt + pb − kh)/s⌋ + 1, …, O)
/// Groups    and dilated kernels are computed as the dense kernels with zeros that they are equal to
/// Cost      forward, adjoint and weight gradient: positions·kh·kw·I·O multiply-adds per image each; the adjoint of a
///           stride s works on a signal with zeros in between and so costs s² times that
#include "pellucid/error.hpp"
#include "pellucid/nn/layers/convolution.hpp"

namespace pellucid {

detail::Correlation detail::correlation_of(const Conv2d& layer, const Shape& x, const Shape& z) {
    const Shape weight = layer.weight().shape();
    return {x, z, weight[0], weight[1], layer.stride(), layer.padding()};
}

Conv2d::Conv2d(Tensor weight, Tensor bias, Stride stride, Padding padding, Connections connections)
    : WeightedLayer(std::move(weight), std::move(bias)), stride_(stride), padding_(padding), connections_(connections) {
    detail::check_convolution("Conv", weight_, stride_);
    const auto [groups, dilation] = connections_;
    if (groups == 0 || weight_.shape()[2] % groups != 0 || weight_.shape()[3] % groups != 0 || dilation.h == 0 ||
        dilation.w == 0) {
        fail(ErrorCode::bad_shape, "a Conv from {} to {} channels has no {} groups, or a dilation of 0",
             weight_.shape()[2], weight_.shape()[3], groups);
    }
    Conv2d::keep_connected(weight_);
    prepared_ = Conv2d::prepare(weight_, &bias_);
}

Shape Conv2d::output_shape(std::span<const Shape> inputs) const {
    const auto [n, h, w, c] = inputs[0];
    const auto [kernel_h, kernel_w, in_c, out_c] = weight_.shape();
    if (c != in_c) {
        fail(ErrorCode::bad_shape, "a Conv of {} input channels cannot read {}, which has {}", in_c,
             to_string(inputs[0]), c);
    }
    const std::size_t padded_h = h + padding_.top + padding_.bottom;
    const std::size_t padded_w = w + padding_.left + padding_.right;
    if (padded_h < kernel_h || padded_w < kernel_w) {
        fail(ErrorCode::bad_shape, "a Conv with a {}×{} kernel cannot read {}: with its padding that is only {}×{}",
             kernel_h, kernel_w, to_string(inputs[0]), padded_h, padded_w);
    }
    return {n, (padded_h - kernel_h) / stride_.h + 1, (padded_w - kernel_w) / stride_.w + 1, out_c};
}

void Conv2d::keep_connected(Tensor& weight) const {
    if (connections_ == Connections{}) return;
    const auto [kernel_h, kernel_w, inputs, outputs] = weight.shape();
    const std::size_t in = inputs / connections_.groups, out = outputs / connections_.groups;
    for (std::size_t y = 0; y < kernel_h; ++y) {
        for (std::size_t x = 0; x < kernel_w; ++x) {
            const bool seen = y % connections_.dilation.h == 0 && x % connections_.dilation.w == 0;
            for (std::size_t i = 0; i < inputs; ++i) {
                for (std::size_t o = 0; o < outputs; ++o) {
                    if (!seen || i / in != o / out) weight(y, x, i, o) = 0.0F;
                }
            }
        }
    }
}

PreparedWeights Conv2d::prepare(const Tensor& weight, const Tensor* bias) const {
    detail::check_same_weights(op(), weight_, weight, bias);
    PreparedWeights prepared{
        detail::pack(weight, false, false), detail::pack(weight, true, true), detail::pack_bias(bias), {}};
    if (simd::sparse_forward) simd::pack_by_input(prepared.forward);
    simd::pack_by_input(prepared.adjoint);
    simd::pack_pooled(prepared.adjoint);
    if (stride_ == Stride{} && simd::has_winograd(prepared.forward)) {
        prepared.fast = std::make_shared<PreparedWeights::Fast>();
    }
    return prepared;
}

namespace {

const simd::PackedWeights& fast_form(const simd::PackedWeights& plain, std::once_flag& once,
                                     simd::PackedWeights& fast) {
    std::call_once(once, [&] {
        fast = plain;
        simd::pack_winograd(fast);
    });
    return fast;
}

}  // namespace

const simd::PackedWeights& Conv2d::fast_forward() const {
    PreparedWeights::Fast* const fast = prepared_.fast.get();
    return fast == nullptr ? prepared_.forward : fast_form(prepared_.forward, fast->once_forward, fast->forward);
}

const simd::PackedWeights& Conv2d::fast_adjoint() const {
    PreparedWeights::Fast* const fast = prepared_.fast.get();
    return fast == nullptr ? prepared_.adjoint : fast_form(prepared_.adjoint, fast->once_adjoint, fast->adjoint);
}

void Conv2d::apply(const Tensor& x, const PreparedWeights& weights, Tensor& z) const {
    detail::correlate(detail::correlation_of(*this, x.shape(), z.shape()), x, weights.forward,
                      detail::data_or_null(weights.bias), z);
}

void Conv2d::adjoint(const Tensor& s, const PreparedWeights& weights, Tensor& x) const {
    detail::correlate_adjoint(detail::correlation_of(*this, x.shape(), s.shape()), s, weights.adjoint, nullptr, x);
}

void Conv2d::parameter_gradients(const Step& step, const Tensor& incoming, std::span<Tensor> gradients) const {
    const Tensor& x = step.input();
    detail::correlate_weight_gradient(detail::correlation_of(*this, x.shape(), incoming.shape()), x, incoming,
                                      gradients[0].data());
    keep_connected(gradients[0]);
    detail::bias_gradient(incoming, incoming.shape()[3], gradients[1].data());
}

}  // namespace pellucid
