/// The arithmetic that Conv2d and ConvTranspose2d share: a correlation, its adjoint and its weight gradient over a
/// batch, on raw sizes. A transposed convolution is the same with the roles of its two ends swapped.
#pragma once

#include "pellucid/nn/layers.hpp"

namespace pellucid::detail {

/// Sizes of the correlation wide → narrow: narrow[y] = Σ wide[y·stride + k − padding]·w[k].
struct Correlation {
    Shape wide;    ///< (n, h, w, c): the input of a Conv2d, the output of a ConvTranspose2d
    Shape narrow;  ///< (n, h, w, c): the other end
    std::size_t kernel_h, kernel_w;
    Stride stride;
    Padding padding;

    /// Multiply-adds of one image.
    std::size_t operations() const { return sample_size(narrow) * kernel_h * kernel_w * wide[3]; }
};

/// The correlation that a layer does from inputs of shape x to outputs of shape z.
Correlation correlation_of(const Conv2d& layer, const Shape& x, const Shape& z);

/// The sizes of the 2×2 max-pool (stride 2, no padding) of an image (n, h, w, c).
simd::ConvSizes halving(const Shape& image);

/// What follows a correlation at once: a ReLU, then the maximum of each 2×2 window (stride 2, no padding).
struct Then {
    simd::Fuse fuse = simd::Fuse::none;
    bool pool = false;
    std::uint32_t* switches = nullptr;  ///< pool, correlate_one: where to put the places of the maxima
    bool sparse = false;                ///< without a pool: much of the input is expected to be 0
};

/// narrow = correlation of wide with `weights` (wide channels → narrow channels) + bias (null = none), then `then`.
/// `sizes` holds the sizes before the pooling. Of the whole batch, or of one sample.
void correlate(const Correlation& sizes, const Tensor& wide, const simd::PackedWeights& weights, const float* bias,
               Tensor& narrow, Then then = {});
void correlate_one(const Correlation& sizes, const float* wide, const simd::PackedWeights& weights, const float* bias,
                   float* narrow, Then then);

/// wide = adjoint of the correlation, applied to narrow, + bias; `flipped`: weights turned by 180°, narrow channels →
/// wide channels. Right for any stride, padding and size. With `switches` (else null), narrow is the signal behind the
/// 2×2 max-pool that put them there (see Then), and goes to the places of the maxima first.
void correlate_adjoint(const Correlation& sizes, const Tensor& narrow, const simd::PackedWeights& flipped,
                       const float* bias, Tensor& wide);
void correlate_adjoint_one(const Correlation& sizes, const float* narrow, const simd::PackedWeights& flipped,
                           const float* bias, float* wide, const std::uint32_t* switches);

/// dw[k, i, o] += Σ wide[y·stride + k − padding, i]·narrow[y, o], over the batch; i: wide channels, o: narrow ones.
/// `switches` as in correlate_adjoint_one, for the whole batch.
void correlate_weight_gradient(const Correlation& sizes, const Tensor& wide, const Tensor& narrow, float* dw,
                               const std::uint32_t* switches = nullptr);

/// db[c] += Σ over batch and positions of grad[…, c], whatever shape those positions have.
void bias_gradient(const Tensor& grad, std::size_t channels, float* db);

/// to (columns, rows) = from (rows, columns), turned over.
void transpose(const float* from, std::size_t rows, std::size_t columns, float* to);

/// Packs weights (kh, kw, inputs, outputs), on request turned by 180° and with inputs and outputs swapped.
simd::PackedWeights pack(const Tensor& weight, bool turned, bool swapped);

/// Bias as PreparedWeights holds it.
simd::AlignedVector pack_bias(const Tensor* bias);

inline const float* data_or_null(const simd::AlignedVector& bias) { return bias.empty() ? nullptr : bias.data(); }

/// Throws where a stride is 0 or an axis of the weights is.
void check_convolution(std::string_view op, const Tensor& weight, Stride stride);

/// Throws where weights for prepare() do not have the layer's shape.
void check_same_weights(std::string_view op, const Tensor& own, const Tensor& weight, const Tensor* bias);

}  // namespace pellucid::detail
