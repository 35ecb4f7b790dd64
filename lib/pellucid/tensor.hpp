/// What a tensor is in pellucid: four axes, float32, NHWC, contiguous, aligned to 64 bytes.
///
/// Everything has the same four axes. Images are (batch, rows, columns, channels); vectors are (batch, 1, 1, units);
/// weights of convolutions and dense layers are (kernel rows, kernel columns, inputs, outputs).
/// Channels are innermost so that SIMD lanes run over output channels without im2col.
#pragma once

#include <xsimd/config/xsimd_inline.hpp>  // xsimd 13.2 forgets it in the next one
#include <xsimd/memory/xsimd_aligned_allocator.hpp>
#include <xtensor/xtensor.hpp>

#include <array>
#include <cstddef>
#include <span>
#include <string>

namespace pellucid {

using Tensor = xt::xtensor<float, 4, xt::layout_type::row_major, xsimd::aligned_allocator<float, 64>>;

/// (n, h, w, c); see the head of this file for what the axes of weights mean.
using Shape = std::array<std::size_t, 4>;

inline std::size_t element_count(const Shape& shape) { return shape[0] * shape[1] * shape[2] * shape[3]; }

/// Elements of one sample: h·w·c.
inline std::size_t sample_size(const Shape& shape) { return shape[1] * shape[2] * shape[3]; }
inline std::size_t sample_size(const Tensor& tensor) { return sample_size(tensor.shape()); }

/// The same shape with another batch size.
inline Shape with_batch(Shape shape, std::size_t n) {
    shape[0] = n;
    return shape;
}

/// A tensor of that shape filled with `value`.
Tensor filled(const Shape& shape, float value);
inline Tensor zeros(const Shape& shape) { return filled(shape, 0.0F); }

/// Gives `tensor` that shape; keeps its memory where the number of elements is the same. Contents are unspecified.
void reshape_to(Tensor& tensor, const Shape& shape);

/// Elements of sample `n` of a batch.
std::span<float> sample(Tensor& tensor, std::size_t n);
std::span<const float> sample(const Tensor& tensor, std::size_t n);

/// All elements in memory order.
std::span<float> elements(Tensor& tensor);
std::span<const float> elements(const Tensor& tensor);

/// A copy of samples [first, first + count).
Tensor batch_slice(const Tensor& tensor, std::size_t first, std::size_t count);

/// Puts one sample `count` times one after another; `one` has batch size 1.
Tensor repeat(const Tensor& one, std::size_t count);

/// "(1, 28, 28, 1)", for messages.
std::string to_string(const Shape& shape);

}  // namespace pellucid
