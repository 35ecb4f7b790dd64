/// Mean of each window, and mean of whole images.
///
/// Formula   z[y, x, c] = Σ over the window of x[y·s + ky − p, x·s + kx − p, c] / divisor; padding adds 0. Divisor:
///           number of real pixels in the window, or, with count_padding, of pixels of the padded image in it
///           (what ceil mode adds behind the padding never counts: as ONNX's count_include_pad and PyTorch)
/// Shapes    x (N, h, w, C), z as max pooling's; global: z (N, 1, 1, C), divisor h·w
/// Cost      kh·kw additions per output, forward and backward
#include "pellucid/error.hpp"
#include "pellucid/nn/layers/pooling.hpp"
#include "pellucid/nn/layers/work.hpp"

namespace pellucid {

namespace {

/// Calls body(pixels of the window's rows and columns, divisor, output position) for every window of an image.
template <typename Body>
void each_window(const Window& window, bool count_padding, const Shape& in, const Shape& out, Body body) {
    const Padding& padding = window.padding;
    for (std::size_t y = 0; y < out[1]; ++y) {
        const detail::Extent rows = detail::extent(y, window.h, window.stride.h, padding.top, in[1], padding.bottom);
        for (std::size_t x = 0; x < out[2]; ++x) {
            const detail::Extent columns =
                detail::extent(x, window.w, window.stride.w, padding.left, in[2], padding.right);
            const std::size_t divisor =
                count_padding ? rows.padded * columns.padded : (rows.end - rows.begin) * (columns.end - columns.begin);
            body(rows, columns, static_cast<float>(divisor), y * out[2] + x);
        }
    }
}

}  // namespace

AveragePool2d::AveragePool2d(Window window, bool count_padding) : window_(window), count_padding_(count_padding) {
    detail::check_window("AveragePool", window_);
}

Shape AveragePool2d::output_shape(std::span<const Shape> inputs) const {
    return detail::pooled_shape("AveragePool", window_, inputs[0]);
}

void AveragePool2d::forward(std::span<const Tensor* const> inputs, Tensor& output, Record&) const {
    const Tensor& x = *inputs[0];
    const std::size_t channels = x.shape()[3];
    const std::size_t in_w = x.shape()[2];
    const std::size_t work = sample_size(output) * window_.h * window_.w;
    parallel_for(x.shape()[0], detail::grain(4 * work), [&](std::size_t first, std::size_t last) {
        for (std::size_t n = first; n < last; ++n) {
            const float* image = sample(x, n).data();
            float* out = sample(output, n).data();
            each_window(window_, count_padding_, x.shape(), output.shape(),
                        [&](const auto& rows, const auto& columns, float divisor, std::size_t position) {
                            float* mean = out + position * channels;
                            std::fill_n(mean, channels, 0.0F);
                            for (std::size_t r = rows.begin; r < rows.end; ++r) {
                                for (std::size_t k = columns.begin; k < columns.end; ++k) {
                                    const float* pixel = image + (r * in_w + k) * channels;
                                    for (std::size_t c = 0; c < channels; ++c) mean[c] += pixel[c];
                                }
                            }
                            for (std::size_t c = 0; c < channels; ++c) mean[c] /= divisor;
                        });
        }
    });
}

void AveragePool2d::input_gradient(const Step&, const Tensor& incoming, std::span<Tensor* const> gradients) const {
    if (gradients[0] == nullptr) return;
    Tensor& gradient = *gradients[0];
    const std::size_t channels = gradient.shape()[3];
    const std::size_t in_w = gradient.shape()[2];
    const std::size_t work = sample_size(incoming) * window_.h * window_.w;
    parallel_for(incoming.shape()[0], detail::grain(4 * work), [&](std::size_t first, std::size_t last) {
        for (std::size_t n = first; n < last; ++n) {
            float* image = sample(gradient, n).data();
            const float* from = sample(incoming, n).data();
            std::fill_n(image, sample_size(gradient), 0.0F);
            each_window(window_, count_padding_, gradient.shape(), incoming.shape(),
                        [&](const auto& rows, const auto& columns, float divisor, std::size_t position) {
                            const float* share = from + position * channels;
                            for (std::size_t r = rows.begin; r < rows.end; ++r) {
                                for (std::size_t k = columns.begin; k < columns.end; ++k) {
                                    float* pixel = image + (r * in_w + k) * channels;
                                    for (std::size_t c = 0; c < channels; ++c) pixel[c] += share[c] / divisor;
                                }
                            }
                        });
        }
    });
}

Shape GlobalAveragePool::output_shape(std::span<const Shape> inputs) const {
    if (sample_size(inputs[0]) == 0) {
        fail(ErrorCode::bad_shape, "GlobalAveragePool cannot read {}: it has no pixels", to_string(inputs[0]));
    }
    return {inputs[0][0], 1, 1, inputs[0][3]};
}

void GlobalAveragePool::forward(std::span<const Tensor* const> inputs, Tensor& output, Record&) const {
    const Tensor& x = *inputs[0];
    const std::size_t channels = x.shape()[3];
    const std::size_t pixels = x.shape()[1] * x.shape()[2];
    parallel_for(x.shape()[0], detail::grain(4 * pixels * channels), [&](std::size_t first, std::size_t last) {
        for (std::size_t n = first; n < last; ++n) {
            const std::span<float> mean = sample(output, n);
            std::fill(mean.begin(), mean.end(), 0.0F);
            simd::kernels().sum_rows(pixels, channels, sample(x, n).data(), mean.data());
            for (float& value : mean) value /= static_cast<float>(pixels);
        }
    });
}

void GlobalAveragePool::input_gradient(const Step&, const Tensor& incoming, std::span<Tensor* const> gradients) const {
    if (gradients[0] == nullptr) return;
    Tensor& gradient = *gradients[0];
    const std::size_t channels = gradient.shape()[3];
    const std::size_t pixels = gradient.shape()[1] * gradient.shape()[2];
    for (std::size_t n = 0; n < incoming.shape()[0]; ++n) {
        const float* from = sample(incoming, n).data();
        float* first = sample(gradient, n).data();
        for (std::size_t c = 0; c < channels; ++c) first[c] = from[c] / static_cast<float>(pixels);
        for (std::size_t p = 1; p < pixels; ++p) std::copy_n(first, channels, first + p * channels);
    }
}

}  // namespace pellucid
