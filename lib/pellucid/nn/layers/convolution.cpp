#include "pellucid/nn/layers/convolution.hpp"

#include "pellucid/error.hpp"
#include "pellucid/nn/layers/place.hpp"
#include "pellucid/nn/layers/work.hpp"

namespace pellucid::detail {

namespace {

bool is_padded(const Padding& padding) { return padding != Padding{}; }

/// What the correlation reads of the wide image: just as much as its outputs need.
Frame padded_frame(const Correlation& sizes) {
    return {(sizes.narrow[1] - 1) * sizes.stride.h + sizes.kernel_h,
            (sizes.narrow[2] - 1) * sizes.stride.w + sizes.kernel_w, static_cast<std::ptrdiff_t>(sizes.padding.top),
            static_cast<std::ptrdiff_t>(sizes.padding.left)};
}

simd::ConvSizes conv_sizes(const Correlation& sizes) {
    const Frame frame = padded_frame(sizes);
    const bool padded = is_padded(sizes.padding);
    return {.in_h = padded ? frame.h : sizes.wide[1],
            .in_w = padded ? frame.w : sizes.wide[2],
            .in_c = sizes.wide[3],
            .out_h = sizes.narrow[1],
            .out_w = sizes.narrow[2],
            .out_c = sizes.narrow[3],
            .kernel_h = sizes.kernel_h,
            .kernel_w = sizes.kernel_w,
            .stride_h = sizes.stride.h,
            .stride_w = sizes.stride.w};
}

const float* padded(const Correlation& sizes, const Frame& frame, const Tensor& wide, std::size_t n) {
    const float* image = sample(wide, n).data();
    if (!is_padded(sizes.padding)) return image;
    return place(image, sizes.wide[1], sizes.wide[2], sizes.wide[3], frame);
}

}  // namespace

void correlate(const Correlation& sizes, const Tensor& wide, const simd::PackedWeights& weights, const float* bias,
               Tensor& narrow) {
    const simd::ConvSizes kernel_sizes = conv_sizes(sizes);
    const Frame frame = padded_frame(sizes);
    parallel_for(sizes.wide[0], grain(sizes.operations()), [&](std::size_t first, std::size_t last) {
        for (std::size_t n = first; n < last; ++n) {
            simd::kernels().conv(kernel_sizes, padded(sizes, frame, wide, n), weights, bias, sample(narrow, n).data(),
                                 simd::Fuse::none);
        }
    });
}

void correlate_adjoint(const Correlation& sizes, const Tensor& narrow, const simd::PackedWeights& flipped,
                       const float* bias, Tensor& wide) {
    // wide[j] = Σ_k u[j + k − (K − 1 − p)]·w[K − 1 − k], where u[y·stride] = narrow[y] and 0 between: a correlation
    // with stride 1 of a frame in which narrow starts at K − 1 − p, be that negative.
    const auto start = [](std::size_t kernel, std::size_t padding) {
        return static_cast<std::ptrdiff_t>(kernel) - 1 - static_cast<std::ptrdiff_t>(padding);
    };
    const Frame frame{sizes.wide[1] + sizes.kernel_h - 1,
                      sizes.wide[2] + sizes.kernel_w - 1,
                      start(sizes.kernel_h, sizes.padding.top),
                      start(sizes.kernel_w, sizes.padding.left),
                      sizes.stride.h,
                      sizes.stride.w};
    const simd::ConvSizes kernel_sizes{.in_h = frame.h,
                                       .in_w = frame.w,
                                       .in_c = sizes.narrow[3],
                                       .out_h = sizes.wide[1],
                                       .out_w = sizes.wide[2],
                                       .out_c = sizes.wide[3],
                                       .kernel_h = sizes.kernel_h,
                                       .kernel_w = sizes.kernel_w,
                                       .stride_h = 1,
                                       .stride_w = 1};
    const bool pointwise = sizes.kernel_h == 1 && sizes.kernel_w == 1 && sizes.stride == Stride{} &&
                           !is_padded(sizes.padding);
    parallel_for(sizes.narrow[0], grain(sizes.operations()), [&](std::size_t first, std::size_t last) {
        for (std::size_t n = first; n < last; ++n) {
            const float* image = sample(narrow, n).data();
            if (!pointwise) image = place(image, sizes.narrow[1], sizes.narrow[2], sizes.narrow[3], frame);
            simd::kernels().conv(kernel_sizes, image, flipped, bias, sample(wide, n).data(), simd::Fuse::none);
        }
    });
}

void correlate_weight_gradient(const Correlation& sizes, const Tensor& wide, const Tensor& narrow, float* dw) {
    const simd::ConvSizes kernel_sizes = conv_sizes(sizes);
    const Frame frame = padded_frame(sizes);
    const std::size_t size = sizes.kernel_h * sizes.kernel_w * sizes.wide[3] * sizes.narrow[3];
    sum_in_chunks(sizes.wide[0], size, sizes.operations(), dw, [&](std::size_t first, std::size_t last, float* sum) {
        for (std::size_t n = first; n < last; ++n) {
            simd::kernels().conv_weight_gradient(kernel_sizes, padded(sizes, frame, wide, n), sample(narrow, n).data(),
                                                 sum);
        }
    });
}

void bias_gradient(const Tensor& grad, float* db) {
    const std::size_t channels = grad.shape()[3];
    const std::size_t rows = grad.shape()[1] * grad.shape()[2];
    sum_in_chunks(grad.shape()[0], channels, rows * channels, db, [&](std::size_t first, std::size_t last, float* sum) {
        simd::kernels().sum_rows((last - first) * rows, channels, sample(grad, first).data(), sum);
    });
}

simd::PackedWeights pack(const Tensor& weight, bool turned, bool swapped) {
    const auto [kernel_h, kernel_w, inputs, outputs] = weight.shape();
    simd::PackedWeights packed;
    if (!turned && !swapped) {
        simd::pack_weights(weight.data(), kernel_h, kernel_w, inputs, outputs, packed);
        return packed;
    }
    const std::size_t taps = kernel_h * kernel_w;
    simd::AlignedVector order(weight.size());
    for (std::size_t tap = 0; tap < taps; ++tap) {
        const float* from = weight.data() + (turned ? taps - 1 - tap : tap) * inputs * outputs;
        float* to = order.data() + tap * inputs * outputs;
        for (std::size_t i = 0; i < inputs; ++i) {
            for (std::size_t o = 0; o < outputs; ++o) {
                to[swapped ? o * inputs + i : i * outputs + o] = from[i * outputs + o];
            }
        }
    }
    simd::pack_weights(order.data(), kernel_h, kernel_w, swapped ? outputs : inputs, swapped ? inputs : outputs, packed);
    return packed;
}

simd::AlignedVector pack_bias(const Tensor* bias) {
    if (bias == nullptr) return {};
    return {bias->data(), bias->data() + bias->size()};
}

void check_convolution(std::string_view op, const Tensor& weight, Stride stride) {
    if (weight.size() == 0) {
        fail(ErrorCode::bad_shape, "{} weights of shape {} are empty: every axis must be at least 1", op,
             to_string(weight.shape()));
    }
    if (stride.h == 0 || stride.w == 0) {
        fail(ErrorCode::bad_argument, "{} cannot have the stride ({}, {}): both must be at least 1", op, stride.h,
             stride.w);
    }
}

void check_same_weights(std::string_view op, const Tensor& own, const Tensor& weight, const Tensor* bias) {
    if (weight.shape() != own.shape()) {
        fail(ErrorCode::bad_shape, "{} has weights of shape {}, others of shape {} cannot stand in for them", op,
             to_string(own.shape()), to_string(weight.shape()));
    }
    if (bias != nullptr && bias->shape() != Shape{1, 1, 1, own.shape()[3]}) {
        fail(ErrorCode::bad_shape, "{} has {} outputs, a bias of shape {} does not fit", op, own.shape()[3],
             to_string(bias->shape()));
    }
}

}  // namespace pellucid::detail
