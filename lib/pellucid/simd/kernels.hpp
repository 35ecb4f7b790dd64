/// The inner loops, as plain functions over pointers, one table of them per instruction set.
///
/// This folder alone knows instruction sets. Natively the table is chosen once at run time (xsimd::dispatch over
/// AVX-512, AVX2+FMA, SSE4.2); in WebAssembly it is fixed by the build (relaxed-simd, simd128 or scalar).
/// Kernels assert their preconditions and never throw. Unless a parameter says otherwise, pointers need no alignment
/// and inputs do not overlap outputs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include <xsimd/config/xsimd_inline.hpp>  // xsimd 13.2 forgets it in the next one
#include <xsimd/memory/xsimd_aligned_allocator.hpp>

namespace pellucid::simd {

using AlignedVector = std::vector<float, xsimd::aligned_allocator<float, 64>>;

/// Sizes of a convolution. The input is padded already, or, for `conv` and `conv_pool`, has `pad_top` rows above and
/// `pad_left` columns before it, and as many after it as the output needs, that are zero and not stored; taps that
/// would read them are left out.
/// Output: out_h × out_w × out_c, where out_h ≤ (in_h + padding − kernel_h)/stride_h + 1, likewise out_w.
struct ConvSizes {
    std::size_t in_h, in_w, in_c;
    std::size_t out_h, out_w, out_c;
    std::size_t kernel_h, kernel_w;
    std::size_t stride_h, stride_w;
    std::size_t pad_top = 0, pad_left = 0;
};

/// Weights (kernel_h, kernel_w, in_c, out_c) in the order in which the convolution reads them:
/// [block of 16 outputs][kernel_h][kernel_w][in_c][16], outputs past out_c are zero. The same for every instruction
/// set. Narrow outputs (out_c below 4) are packed [out_c][kernel_h][kernel_w][in_c] and reduced over in_c instead.
struct PackedWeights {
    std::size_t kernel_h = 0, kernel_w = 0, in_c = 0, out_c = 0;
    AlignedVector data;
    AlignedVector winograd;   ///< see pack_winograd; empty = convolve directly
    AlignedVector winograd4;  ///< the same for larger tiles
    AlignedVector by_input;   ///< see pack_by_input; empty = conv_sparse does what conv does
    AlignedVector pooled;     ///< see pack_pooled; empty = not for pooled_adjoint
};

inline constexpr std::size_t pack_block = 16;
inline constexpr float winograd4_a = 0.75F, winograd4_b = 1.5F;  ///< see winograd4.hpp
inline constexpr std::size_t narrow_limit = 4;

/// Packs weights given as (kernel_h, kernel_w, in_c, out_c).
void pack_weights(const float* weights, std::size_t kernel_h, std::size_t kernel_w, std::size_t in_c, std::size_t out_c,
                  PackedWeights& packed);

/// Whether there is a fast form of weights of this size: 3×3, at least 8 inputs and outputs.
bool has_winograd(const PackedWeights& packed);

/// Adds the transformed weights of the fast 3×3 convolutions (winograd.hpp, winograd4.hpp: 2¼ and 4 times fewer
/// multiplications, rounding a few times larger) to packed ones, [16 or 36 points][block of 16 outputs][in_c][16];
/// `conv` and `conv_pool` then use them wherever stride and size allow. Does nothing where there is no such form.
void pack_winograd(PackedWeights& packed);

/// Adds to packed 3×3 weights a second copy in the order in which the sparse form reads them: [block of 16
/// outputs][in_c][kernel_h][kernel_w][16], the kernel turned by 180°, so that the weights lie in the order of the
/// outputs that one input contributes to. Does nothing for other sizes.
void pack_by_input(PackedWeights& packed);
inline constexpr std::size_t sparse_kernel = 3;

/// Whether forward passes, too, have forms that skip inputs that are 0. Not in WebAssembly, where code is downloaded
/// and these forms would add to its size.
#if defined(__EMSCRIPTEN__)
inline constexpr bool sparse_forward = false;
#else
inline constexpr bool sparse_forward = true;
#endif

/// Whether the sparse form (one product per input that is not 0) exists for a convolution of those sizes: weights of
/// pack_by_input, numbers of channels that are multiples of 4, stride 1, and at most kernel − 1 of padding before the
/// image.
bool marks_suit(const ConvSizes& sizes, const PackedWeights& packed);

/// Adds to packed 3×3 or 5×5 weights with one output the windows that `pooled_adjoint` adds up (conv_pooled.hpp):
/// [in_c][position of 4][pair of columns][pair of rows][2][2]. Does nothing for other sizes.
void pack_pooled(PackedWeights& packed);
constexpr std::size_t pooled_pair(std::size_t kernel) { return kernel == 3 ? 8 : 16; }  ///< floats of a pair of columns
constexpr std::size_t pooled_window(std::size_t kernel) { return (kernel + 1) / 2 * pooled_pair(kernel); }

/// One step of Adam: m ← β₁m + (1 − β₁)g; v ← β₂v + (1 − β₂)g²; w ← w − rate·(m·scale_m/(√(v·scale_v) + ε) + decay·w).
struct AdamStep {
    float beta1, beta2, epsilon, rate, decay, scale_m, scale_v;
};

inline constexpr std::size_t scatter_margin = 16;

/// out[p][offset + o] += Σ_i in[r, i] · w[i, o] for p < count, where r is rows[p], or p itself where rows is null.
/// No two of the outputs may overlap.
struct ScatteredProducts {
    std::size_t count, in_c, out_c;
    const float* in;  ///< rows of in_c floats; where rows is null, scatter_margin more may be read
    const std::uint32_t* rows;
    const float* weights;     ///< part of packed ones: [block of 16 outputs][in_c][16],
    std::size_t weight_step;  ///< blocks that far apart
    float* const* out;
    std::size_t offset;
};

/// What a kernel does after its sum.
enum class Fuse : std::uint8_t { none, relu };

struct Kernels {
    const char* name;

    /// Whether conv_pool_traced uses Winograd's 3×3 form where the weights have it.
    bool fast_places;

    /// out[y, x, o] = bias[o] + Σ in[y·stride_h + ky, x·stride_w + kx, i] · w[ky, kx, i, o], then `fuse`, one image.
    /// bias may be null (zero).
    void (*conv)(const ConvSizes&, const float* in, const PackedWeights&, const float* bias, float* out, Fuse);

    /// The same, then the maximum of each 2×2 window (stride 2; an odd last row or column is dropped):
    /// out (out_h/2, out_w/2, out_c). The convolution's own outputs stay in the first-level cache or in registers.
    void (*conv_pool)(const ConvSizes&, const float* in, const PackedWeights&, const float* bias, float* out, Fuse);

    /// conv_pool that also writes the positions of the maxima, as max_pool does. Every form used here gives equal
    /// outputs for windows with equal inputs, so that ties on a flat image are resolved as for the direct sums. This
    /// holds for the Winograd forms used here and for the sparse form (conv_pool_sparse.hpp), which is used where most
    /// of the input is 0 and marks_suit.
    void (*conv_pool_traced)(const ConvSizes&, const float* in, const PackedWeights&, const float* bias, float* out,
                             std::uint32_t* switches, Fuse);

    /// dw[ky, kx, i, o] += Σ_yx in[y·stride_h + ky, x·stride_w + kx, i] · grad[y, x, o], one image; dw is unpacked.
    void (*conv_weight_gradient)(const ConvSizes&, const float* in, const float* grad, float* dw);

    /// out[n, o] = bias[o] + Σ_i in[n, i] · w[i, o], then `fuse`; bias may be null.
    void (*dense)(std::size_t n, const float* in, const PackedWeights&, const float* bias, float* out, Fuse);

    /// The same as `conv`, faster where most of the input is 0 and marks_suit holds (conv_sparse.hpp). In builds
    /// without sparse_forward `bias` must be null and `fuse` none.
    void (*conv_sparse)(const ConvSizes&, const float* in, const PackedWeights&, const float* bias, float* out, Fuse);

    /// conv_sparse of the signal that a 2×2 max-pool (stride 2) sends back: element of `grad` (in_h/2, in_w/2, in_c)
    /// goes to the position that `switches` records, all other inputs are 0. Needs weights of pack_pooled with a
    /// padding of at most kernel − 1, or marks_suit.
    void (*pooled_adjoint)(const ConvSizes&, const std::uint32_t* switches, const float* grad, const PackedWeights&,
                           float* out);

    /// out[i] = Σ_o s[o] · w[i, o], one sample: the adjoint of `dense`, computed from the same packed weights, which
    /// the forward pass has just brought into the cache. If `gate` is not null, out[i] is 0 wherever gate[i] is 0, and
    /// the sum is not computed there. The pointer is null for instruction sets with short vectors, for which adding up
    /// the lanes costs more than reading a second, transposed copy of the weights.
    void (*dense_adjoint)(const float* s, const PackedWeights&, const float* gate, float* out);

    /// dw[i, o] += Σ_n in[n, i] · grad[n, o].
    void (*dense_weight_gradient)(std::size_t n, std::size_t in_c, std::size_t out_c, const float* in,
                                  const float* grad, float* dw);

    /// db[o] += Σ_rows grad[row, o].
    void (*sum_rows)(std::size_t rows, std::size_t channels, const float* grad, float* db);

    /// Window maximum of a padded image (padding holds −infinity) and, where switches is not null, the place
    /// (row · in_w + column of the padded input) of the first maximum in reading order. Sizes: in_c = out_c.
    void (*max_pool)(const ConvSizes&, const float* in, float* out, std::uint32_t* switches);

    /// out[switches[y, x, c], c] = grad[y, x, c] and 0 elsewhere: the gradient of max_pool by its switches. For windows
    /// that do not overlap (stride ≥ kernel) and lie in the image. out (in_h, in_w, in_c).
    void (*max_pool_gradient)(const ConvSizes&, const std::uint32_t* switches, const float* grad, float* out);

    /// The maxima of the 2×2 windows (stride 2) of start + alphas[k]·slope for k < points, then `fuse`, and their
    /// places as max_pool has them: out and switches (points, out_h, out_w, in_c).
    void (*line_pool)(const ConvSizes&, std::size_t points, const float* alphas, const float* start, const float* slope,
                      float* out, std::uint32_t* switches, Fuse);

    /// out (in_h, in_w, in_c) = Σ_k weights[k] · max_pool_gradient of switches[k], grad[k] (points, out_h, out_w,
    /// in_c), where gate[k] > 0 if gate is not null.
    void (*line_pool_gradient)(const ConvSizes&, std::size_t points, const float* weights,
                               const std::uint32_t* switches, const float* grad, const float* gate, float* out);

    /// Compares rows of pixels of `channels` floats, a_step and b_step floats apart: writes a − b of those pixels in
    /// which any channel differs, one after another to `out`, and where they are (row · 65536 + column) to `places`;
    /// returns how many there are.
    std::size_t (*differences)(std::size_t rows, std::size_t columns, std::size_t channels, const float* a,
                               std::size_t a_step, const float* b, std::size_t b_step, float* out,
                               std::uint32_t* places);

    /// See ScatteredProducts.
    void (*scatter_products)(const ScatteredProducts&);

    /// One step for `count` weights.
    void (*adam)(const AdamStep&, std::size_t count, const float* g, float* m, float* v, float* w);

    // Element-wise over `count` floats; out may be one of the inputs.
    void (*relu)(std::size_t count, const float* x, float* out);
    void (*relu_gradient)(std::size_t count, const float* y, const float* grad, float* out);  ///< y > 0 ? grad : 0
    void (*guided_gradient)(std::size_t count, const float* y, const float* grad,
                            float* out);  ///< y > 0 ? max(grad, 0) : 0
    /// sign·y > 0 ? r : 0; returns whether anything but zeros came through.
    bool (*gate)(std::size_t count, const float* y, float sign, const float* r, float* out);
    float (*least)(std::size_t count, const float* x);  ///< the smallest, or 0 where none is below
    /// Σ x[row, c]·factors[c] (factors null = 1), as exact as the products.
    double (*sum)(std::size_t rows, std::size_t channels, const float* x, const float* factors);
    void (*positive)(std::size_t count, const float* x, float* out);                  ///< max(x, 0)
    void (*negative)(std::size_t count, const float* x, float* out);                  ///< min(x, 0)
    void (*add)(std::size_t count, const float* a, const float* b, float* out);       ///< a + b
    void (*multiply)(std::size_t count, const float* a, const float* b, float* out);  ///< a · b
    /// out += scale · a · b; scale · a where b is null.
    void (*multiply_add)(std::size_t count, const float* a, const float* b, float scale, float* out);
    /// out = r / (z + epsilon·sign(z)), sign(0) = +1; 0 where the denominator is 0.
    void (*divide_stabilised)(std::size_t count, const float* r, const float* z, float epsilon, float* out);

    /// Standard normal numbers, number i from a hash of start, twist and i; the same bits from every table.
    void (*normal)(std::uint32_t start, std::uint32_t twist, std::size_t count, float* out);

    /// sums[p][i] += values[i]^(p + 1) for p < powers, 2 or 4: sums (powers, count).
    void (*add_powers)(std::size_t count, std::size_t powers, const float* values, double* sums);
};

/// The table that fits this machine (natively) or this build (WebAssembly).
const Kernels& kernels();

/// Tables that this machine can run, best first; for tests and benchmarks.
std::vector<const Kernels*> available_kernels();

/// Makes kernels() return that table from now on, for tests and benchmarks; null = the best again.
void use_kernels(const Kernels* table);

}  // namespace pellucid::simd
