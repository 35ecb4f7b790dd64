/// Largest value of each window.
///
/// Formula   z[y, x, c] = max over the window of x[y·s + ky − p, x·s + kx − p, c]; padding is −infinity
/// Shapes    x (N, h, w, C), z (N, ⌊(h + pt + pb − kh)/s⌋ + 1, …, C), with ceil the quotient is rounded up
/// Records   switches: per output element the place (row·w + column, without padding) of the first maximum
/// Cost      forward: kh·kw comparisons per output; backward: one addition per output
#include "pellucid/nn/layers/place.hpp"
#include "pellucid/nn/layers/pooling.hpp"
#include "pellucid/nn/layers/work.hpp"

#include <limits>

namespace pellucid {

namespace {

/// Turns places in the padded frame into places in the image. A place in the padding wins only where all pixels of the
/// window are −infinity, too; then it is the window's first, above or left of the image, and goes to the nearest pixel,
/// which lies in the window as well.
void remove_padding(std::span<std::uint32_t> switches, std::size_t frame_w, const Padding& padding, std::size_t w) {
    for (std::uint32_t& place : switches) {
        const std::size_t row = std::max<std::size_t>(place / frame_w, padding.top) - padding.top;
        const std::size_t column = std::max<std::size_t>(place % frame_w, padding.left) - padding.left;
        place = static_cast<std::uint32_t>(row * w + column);
    }
}

}  // namespace

MaxPool2d::MaxPool2d(Window window) : window_(window) { detail::check_window("MaxPool", window_); }

Shape MaxPool2d::output_shape(std::span<const Shape> inputs) const {
    return detail::pooled_shape("MaxPool", window_, inputs[0]);
}

void MaxPool2d::forward(std::span<const Tensor* const> inputs, Tensor& output, Record& record) const {
    const Tensor& x = *inputs[0];
    const auto [batch, h, w, c] = x.shape();
    const std::size_t out_h = output.shape()[1];
    const std::size_t out_w = output.shape()[2];
    const detail::Frame frame{.h = (out_h - 1) * window_.stride.h + window_.h,
                              .w = (out_w - 1) * window_.stride.w + window_.w,
                              .top = static_cast<std::ptrdiff_t>(window_.padding.top),
                              .left = static_cast<std::ptrdiff_t>(window_.padding.left),
                              .fill = -std::numeric_limits<float>::infinity()};
    const bool padded = window_.padding != Padding{} || frame.h > h || frame.w > w;
    const simd::ConvSizes sizes{.in_h = padded ? frame.h : h,
                                .in_w = padded ? frame.w : w,
                                .in_c = c,
                                .out_h = out_h,
                                .out_w = out_w,
                                .out_c = c,
                                .kernel_h = window_.h,
                                .kernel_w = window_.w,
                                .stride_h = window_.stride.h,
                                .stride_w = window_.stride.w};
    record.switches.resize(output.size());
    const std::size_t size = sample_size(output);
    parallel_for(batch, detail::grain(4 * size * window_.h * window_.w), [&](std::size_t first, std::size_t last) {
        for (std::size_t n = first; n < last; ++n) {
            const float* image = sample(x, n).data();
            const std::span switches(record.switches.data() + n * size, size);
            if (padded) image = detail::place(image, x.shape()[1], x.shape()[2], sizes.in_c, frame);
            simd::kernels().max_pool(sizes, image, sample(output, n).data(), switches.data());
            if (padded) remove_padding(switches, frame.w, window_.padding, x.shape()[2]);
        }
    });
}

void MaxPool2d::input_gradient(const Step& step, const Tensor& incoming, std::span<Tensor* const> gradients) const {
    if (gradients[0] == nullptr) return;
    const Shape& shape = gradients[0]->shape();
    const std::size_t channels = incoming.shape()[3];
    const std::size_t size = sample_size(incoming);
    const simd::ConvSizes sizes{.in_h = shape[1],
                                .in_w = shape[2],
                                .in_c = channels,
                                .out_h = incoming.shape()[1],
                                .out_w = incoming.shape()[2],
                                .out_c = channels,
                                .kernel_h = window_.h,
                                .kernel_w = window_.w,
                                .stride_h = window_.stride.h,
                                .stride_w = window_.stride.w};
    // Cells of the stride's size hold what lies in the image of a window each.
    const bool apart = window_.padding == Padding{} && window_.stride.h >= window_.h && window_.stride.w >= window_.w;
    parallel_for(incoming.shape()[0], detail::grain(4 * size), [&](std::size_t first, std::size_t last) {
        for (std::size_t n = first; n < last; ++n) {
            const std::span<float> out = sample(*gradients[0], n);
            const float* from = sample(incoming, n).data();
            const std::uint32_t* switches = step.record.switches.data() + n * size;
            if (apart) {
                simd::kernels().max_pool_gradient(sizes, switches, from, out.data());
                continue;
            }
            std::fill(out.begin(), out.end(), 0.0F);
            // Windows may overlap, so several outputs may send to one pixel.
            for (std::size_t i = 0; i < size; i += channels) {
                for (std::size_t c = 0; c < channels; ++c) out[switches[i + c] * channels + c] += from[i + c];
            }
        }
    });
}

}  // namespace pellucid
