#include "pellucid/nn/layers/convolution.hpp"

#include "pellucid/error.hpp"
#include "pellucid/nn/layers/place.hpp"
#include "pellucid/nn/layers/work.hpp"

#include <algorithm>

namespace pellucid::detail {

namespace {

simd::ConvSizes conv_sizes(const Correlation& sizes) {
    return {.in_h = sizes.wide[1],
            .in_w = sizes.wide[2],
            .in_c = sizes.wide[3],
            .out_h = sizes.narrow[1],
            .out_w = sizes.narrow[2],
            .out_c = sizes.narrow[3],
            .kernel_h = sizes.kernel_h,
            .kernel_w = sizes.kernel_w,
            .stride_h = sizes.stride.h,
            .stride_w = sizes.stride.w,
            .pad_top = sizes.padding.top,
            .pad_left = sizes.padding.left};
}

/// `image`, a sample of the narrow end, or, behind a 2×2 max-pool, what it sends to the places of the maxima; valid
/// until this thread's next call.
const float* spread(const Correlation& sizes, const float* image, const std::uint32_t* switches) {
    if (switches == nullptr) return image;
    thread_local simd::AlignedVector memory;
    const auto [batch, rows, columns, channels] = sizes.narrow;
    if (memory.size() < rows * columns * channels) memory.resize(rows * columns * channels);
    simd::kernels().max_pool_gradient(halving(sizes.narrow), switches, image, memory.data());
    return memory.data();
}

}  // namespace

simd::ConvSizes halving(const Shape& image) {
    const auto [batch, rows, columns, channels] = image;
    return {rows, columns, channels, rows / 2, columns / 2, channels, 2, 2, 2, 2};
}

void correlate_one(const Correlation& sizes, const float* wide, const simd::PackedWeights& weights, const float* bias,
                   float* narrow, Then then) {
    const simd::Kernels& kernels = simd::kernels();
    if (then.switches != nullptr) {
        kernels.conv_pool_traced(conv_sizes(sizes), wide, weights, bias, narrow, then.switches, then.fuse);
        return;
    }
    const auto kernel = then.pool                             ? kernels.conv_pool
                        : simd::sparse_forward && then.sparse ? kernels.conv_sparse
                                                              : kernels.conv;
    kernel(conv_sizes(sizes), wide, weights, bias, narrow, then.fuse);
}

void correlate(const Correlation& sizes, const Tensor& wide, const simd::PackedWeights& weights, const float* bias,
               Tensor& narrow, Then then) {
    parallel_for(sizes.wide[0], grain(sizes.operations()), [&](std::size_t first, std::size_t last) {
        for (std::size_t n = first; n < last; ++n) {
            correlate_one(sizes, sample(wide, n).data(), weights, bias, sample(narrow, n).data(), then);
        }
    });
}

void correlate_adjoint_one(const Correlation& sizes, const float* narrow, const simd::PackedWeights& flipped,
                           const float* bias, float* wide, const std::uint32_t* switches) {
    // wide[j] = Σ_k u[j + k − (K − 1 − p)]·w[K − 1 − k], where u[y·stride] = narrow[y] and 0 between: a correlation
    // with stride 1 of a frame in which narrow starts at K − 1 − p, be that negative.
    const auto start = [](std::size_t kernel, std::size_t padding) {
        return static_cast<std::ptrdiff_t>(kernel) - 1 - static_cast<std::ptrdiff_t>(padding);
    };
    const Frame frame{.h = sizes.wide[1] + sizes.kernel_h - 1,
                      .w = sizes.wide[2] + sizes.kernel_w - 1,
                      .top = start(sizes.kernel_h, sizes.padding.top),
                      .left = start(sizes.kernel_w, sizes.padding.left),
                      .step_h = sizes.stride.h,
                      .step_w = sizes.stride.w};
    simd::ConvSizes kernel_sizes{.in_h = frame.h,
                                 .in_w = frame.w,
                                 .in_c = sizes.narrow[3],
                                 .out_h = sizes.wide[1],
                                 .out_w = sizes.wide[2],
                                 .out_c = sizes.wide[3],
                                 .kernel_h = sizes.kernel_h,
                                 .kernel_w = sizes.kernel_w,
                                 .stride_h = 1,
                                 .stride_w = 1};
    const bool as_is = sizes.stride == Stride{} && frame.top >= 0 && frame.left >= 0;
    if (as_is) {
        // The kernel imagines the frame around narrow.
        kernel_sizes.in_h = sizes.narrow[1];
        kernel_sizes.in_w = sizes.narrow[2];
        kernel_sizes.pad_top = static_cast<std::size_t>(frame.top);
        kernel_sizes.pad_left = static_cast<std::size_t>(frame.left);
    }
    const simd::Kernels& kernels = simd::kernels();
    if (switches != nullptr && as_is && bias == nullptr &&
        (!flipped.pooled.empty() || simd::marks_suit(kernel_sizes, flipped))) {
        kernels.pooled_adjoint(kernel_sizes, switches, narrow, flipped, wide);
        return;
    }
    const float* image = spread(sizes, narrow, switches);
    if (!as_is) image = place(image, sizes.narrow[1], sizes.narrow[2], sizes.narrow[3], frame);
    (bias == nullptr ? kernels.conv_sparse : kernels.conv)(kernel_sizes, image, flipped, bias, wide, simd::Fuse::none);
}

void correlate_adjoint(const Correlation& sizes, const Tensor& narrow, const simd::PackedWeights& flipped,
                       const float* bias, Tensor& wide) {
    parallel_for(sizes.narrow[0], grain(sizes.operations()), [&](std::size_t first, std::size_t last) {
        for (std::size_t n = first; n < last; ++n) {
            correlate_adjoint_one(sizes, sample(narrow, n).data(), flipped, bias, sample(wide, n).data(), nullptr);
        }
    });
}

void correlate_weight_gradient(const Correlation& sizes, const Tensor& wide, const Tensor& narrow, float* dw,
                               const std::uint32_t* switches) {
    simd::ConvSizes kernel_sizes = conv_sizes(sizes);
    // Just as much of the padded image as the outputs read.
    const Frame frame{.h = (sizes.narrow[1] - 1) * sizes.stride.h + sizes.kernel_h,
                      .w = (sizes.narrow[2] - 1) * sizes.stride.w + sizes.kernel_w,
                      .top = static_cast<std::ptrdiff_t>(sizes.padding.top),
                      .left = static_cast<std::ptrdiff_t>(sizes.padding.left)};
    const bool padded = sizes.padding != Padding{};
    if (padded) {
        kernel_sizes.in_h = frame.h;
        kernel_sizes.in_w = frame.w;
        kernel_sizes.pad_top = kernel_sizes.pad_left = 0;
    }
    const std::size_t size = sizes.kernel_h * sizes.kernel_w * sizes.wide[3] * sizes.narrow[3];
    sum_in_chunks(sizes.wide[0], size, sizes.operations(), dw, [&](std::size_t first, std::size_t last, float* sum) {
        for (std::size_t n = first; n < last; ++n) {
            const float* image = sample(wide, n).data();
            if (padded) image = place(image, sizes.wide[1], sizes.wide[2], sizes.wide[3], frame);
            const auto* const places = switches == nullptr ? nullptr : switches + n * sample_size(narrow);
            const float* const gradient = spread(sizes, sample(narrow, n).data(), places);
            simd::kernels().conv_weight_gradient(kernel_sizes, image, gradient, sum);
        }
    });
}

void bias_gradient(const Tensor& grad, std::size_t channels, float* db) {
    const std::size_t rows = sample_size(grad) / channels;
    sum_in_chunks(grad.shape()[0], channels, rows * channels, db, [&](std::size_t first, std::size_t last, float* sum) {
        simd::kernels().sum_rows((last - first) * rows, channels, sample(grad, first).data(), sum);
    });
}

void transpose(const float* from, std::size_t rows, std::size_t columns, float* to) {
    // Both sides by short runs: whole columns would touch a line of cache per number.
    constexpr std::size_t run = 16;
    for (std::size_t row = 0; row < rows; row += run) {
        const std::size_t last = std::min(row + run, rows);
        for (std::size_t column = 0; column < columns; ++column) {
            for (std::size_t r = row; r < last; ++r) to[column * rows + r] = from[r * columns + column];
        }
    }
}

simd::PackedWeights pack(const Tensor& weight, bool turned, bool swapped) {
    const auto [kernel_h, kernel_w, inputs, outputs] = weight.shape();
    simd::PackedWeights packed;
    if (!turned && !swapped) {
        simd::pack_weights(weight.data(), kernel_h, kernel_w, inputs, outputs, packed);
        return packed;
    }
    const std::size_t taps = kernel_h * kernel_w;
    thread_local simd::AlignedVector order;  // training packs after every step
    if (order.size() < weight.size()) order.resize(weight.size());
    for (std::size_t tap = 0; tap < taps; ++tap) {
        const float* from = weight.data() + (turned ? taps - 1 - tap : tap) * inputs * outputs;
        float* to = order.data() + tap * inputs * outputs;
        if (swapped) {
            transpose(from, inputs, outputs, to);
        } else {
            std::copy_n(from, inputs * outputs, to);
        }
    }
    simd::pack_weights(order.data(), kernel_h, kernel_w, swapped ? outputs : inputs, swapped ? inputs : outputs,
                       packed);
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
