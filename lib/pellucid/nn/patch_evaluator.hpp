/// Answers "what if this rectangle of the input were different?" by recomputing only what the rectangle can reach.
///
/// Each layer that works on neighbourhoods (convolution, pooling, element-wise, sum) is evaluated only where the change
/// arrives, on top of the recorded pass; where a ReLU or a max-pool swallows the change, the rectangle shrinks, down to
/// nothing. From the first layer that mixes all positions (flatten, global pooling) on, many patches go through in one
/// batch. The values are those of a full forward pass, to rounding.
/// Cost per patch: the reached part of the convolutions, and a batch's share of the rest.
#pragma once

#include "pellucid/nn/network.hpp"
#include "pellucid/simd/kernels.hpp"

#include <span>

namespace pellucid {

/// Rows [top, bottom) and columns [left, right).
struct Rect {
    std::size_t top = 0, left = 0, bottom = 0, right = 0;
    bool empty() const { return bottom <= top || right <= left; }
    std::size_t rows() const { return bottom - top; }
    std::size_t columns() const { return right - left; }
};

/// The rectangle and where its new pixels stand: an image of the input's size.
struct Patch {
    Rect rect;
    const float* image;
};

class PatchEvaluator {
public:
    /// Evaluates the value `until`. The network must outlive the evaluator.
    PatchEvaluator(const Network& network, ValueId until);

    /// The value for every patch, (patches, h, w, c); valid until the next call. `base` is a recorded pass, of which
    /// sample `n` is patched. Rectangles must lie in the input and there must be at least one patch.
    const Tensor& evaluate(const Trace& base, std::size_t n, std::span<const Patch> patches);

private:
    /// What one patch changes of one value.
    struct Overlay {
        Rect rect;
        simd::AlignedVector data;  ///< (rows, columns, channels) of rect
    };

    void patch_input(const Patch& patch);
    void cross(std::size_t node);
    void cross_windows(std::size_t node, std::size_t kernel_h, std::size_t kernel_w, std::size_t stride_h,
                       std::size_t stride_w, std::size_t pad_top, std::size_t pad_left);
    void cross_add(const Node& node, Overlay& out);
    void crop(ValueId value, std::ptrdiff_t top, std::ptrdiff_t left, std::size_t rows, std::size_t columns, float outside,
              simd::AlignedVector& to) const;
    void shrink(ValueId value);
    void write_out(ValueId value, float* to) const;
    const float* base_data(ValueId value) const;

    const Network& network_;
    ValueId until_;
    std::vector<char> local_;     ///< per value: follows from the input by neighbourhoods alone
    std::vector<char> gathered_;  ///< per value: local, and wanted whole (by a layer that is not, or as the answer)
    std::vector<char> needed_;    ///< per value: `until` depends on it
    std::vector<Overlay> overlays_;
    std::vector<Tensor> batch_;   ///< per value: gathered, or computed behind
    std::vector<Record> records_;
    simd::AlignedVector crop_, other_crop_;
    const Trace* base_ = nullptr;
    std::size_t sample_ = 0;
};

}  // namespace pellucid
