/// Enlarges or shrinks images.
///
/// Formula   nearest: y[i] = x[⌊i/scale⌋] (ONNX asymmetric, floor); linear: between the two pixels around
///           (i + ½)/scale − ½ (ONNX half_pixel), coordinates clamped to the image; rows and columns separately
/// Shapes    x (N, h, w, C), y (N, ⌊h·scale_h⌋, ⌊w·scale_w⌋, C)
/// Cost      nearest: one copy per output; linear: four multiply-adds per output; the same backward
/// Deviates  shrinking does not smooth first (as ONNX without antialias)
#include "pellucid/error.hpp"
#include "pellucid/nn/layers.hpp"
#include "pellucid/nn/layers/work.hpp"

#include <cmath>

namespace pellucid {

namespace {

/// An output row or column is near·(1 − share) + far·share of input rows or columns.
struct Tap {
    std::size_t near, far;
    float share;
};

std::vector<Tap> taps(Resize::Mode mode, float scale, std::size_t in, std::size_t out) {
    std::vector<Tap> result(out);
    const auto last = static_cast<float>(in - 1);
    for (std::size_t i = 0; i < out; ++i) {
        const auto at = static_cast<float>(i);
        if (mode == Resize::Mode::nearest) {
            const auto pixel = static_cast<std::size_t>(std::min(std::floor(at / scale), last));
            result[i] = {pixel, pixel, 0.0F};
        } else {
            const float place = std::clamp((at + 0.5F) / scale - 0.5F, 0.0F, last);
            const auto pixel = static_cast<std::size_t>(place);
            result[i] = {pixel, std::min(pixel + 1, in - 1), place - static_cast<float>(pixel)};
        }
    }
    return result;
}

/// The value at `share` of the way. Of two equal values it is that value exactly: where the image is flat, a max-pool
/// behind must find ties, whatever the instruction set, and not roundings.
float between(float near, float far, float share) { return share == 0.0F ? near : near + share * (far - near); }

/// Calls body(input pixel, output pixel, coefficient) for every pair that an image's resizing connects.
template <typename Body>
void each_pair(const std::vector<Tap>& rows, const std::vector<Tap>& columns, std::size_t in_w, Body body) {
    for (std::size_t y = 0; y < rows.size(); ++y) {
        for (std::size_t x = 0; x < columns.size(); ++x) {
            const std::size_t out = y * columns.size() + x;
            const Tap& row = rows[y];
            const Tap& column = columns[x];
            const auto emit = [&](std::size_t r, std::size_t c, float coefficient) {
                if (coefficient != 0.0F) body(r * in_w + c, out, coefficient);
            };
            emit(row.near, column.near, (1.0F - row.share) * (1.0F - column.share));
            emit(row.near, column.far, (1.0F - row.share) * column.share);
            emit(row.far, column.near, row.share * (1.0F - column.share));
            emit(row.far, column.far, row.share * column.share);
        }
    }
}

}  // namespace

Resize::Resize(Mode mode, float scale_h, float scale_w) : mode_(mode), scale_h_(scale_h), scale_w_(scale_w) {
    if (!(scale_h > 0.0F && scale_w > 0.0F && std::isfinite(scale_h) && std::isfinite(scale_w))) {
        fail(ErrorCode::bad_argument, "Resize cannot scale by ({}, {}): both must be above 0", scale_h, scale_w);
    }
}

Shape Resize::output_shape(std::span<const Shape> inputs) const {
    const auto scaled = [](std::size_t size, float scale) {
        return static_cast<std::size_t>(std::floor(static_cast<float>(size) * scale));
    };
    const Shape shape{inputs[0][0], scaled(inputs[0][1], scale_h_), scaled(inputs[0][2], scale_w_), inputs[0][3]};
    if (shape[1] == 0 || shape[2] == 0) {
        fail(ErrorCode::bad_shape, "Resize by ({}, {}) leaves nothing of {}", scale_h_, scale_w_, to_string(inputs[0]));
    }
    return shape;
}

void Resize::forward(std::span<const Tensor* const> inputs, Tensor& output, Record&) const {
    const Tensor& x = *inputs[0];
    const std::vector<Tap> rows = taps(mode_, scale_h_, x.shape()[1], output.shape()[1]);
    const std::vector<Tap> columns = taps(mode_, scale_w_, x.shape()[2], output.shape()[2]);
    const std::size_t channels = x.shape()[3], row_size = x.shape()[2] * channels;
    parallel_for(x.shape()[0], detail::grain(8 * sample_size(output)), [&](std::size_t first, std::size_t last) {
        for (std::size_t n = first; n < last; ++n) {
            const float* from = sample(x, n).data();
            float* to = sample(output, n).data();
            for (const Tap& row : rows) {
                const float* near_row = from + row.near * row_size;
                const float* far_row = from + row.far * row_size;
                for (const Tap& column : columns) {
                    const std::size_t left = column.near * channels, right = column.far * channels;
                    for (std::size_t c = 0; c < channels; ++c) {
                        const float top = between(near_row[left + c], near_row[right + c], column.share);
                        const float bottom = between(far_row[left + c], far_row[right + c], column.share);
                        to[c] = between(top, bottom, row.share);
                    }
                    to += channels;
                }
            }
        }
    });
}

void Resize::input_gradient(const Step&, const Tensor& incoming, std::span<Tensor* const> gradients) const {
    if (gradients[0] == nullptr) return;
    Tensor& gradient = *gradients[0];
    const std::vector<Tap> rows = taps(mode_, scale_h_, gradient.shape()[1], incoming.shape()[1]);
    const std::vector<Tap> columns = taps(mode_, scale_w_, gradient.shape()[2], incoming.shape()[2]);
    const std::size_t channels = gradient.shape()[3];
    const std::size_t samples = detail::grain(8 * sample_size(incoming));
    parallel_for(incoming.shape()[0], samples, [&](std::size_t first, std::size_t last) {
        for (std::size_t n = first; n < last; ++n) {
            const float* from = sample(incoming, n).data();
            float* to = sample(gradient, n).data();
            std::fill_n(to, sample_size(gradient), 0.0F);
            each_pair(rows, columns, gradient.shape()[2], [&](std::size_t in, std::size_t out, float coefficient) {
                const float* pixel = from + out * channels;
                for (std::size_t c = 0; c < channels; ++c) to[in * channels + c] += coefficient * pixel[c];
            });
        }
    });
}

}  // namespace pellucid
