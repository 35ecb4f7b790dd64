/// Answers "what if this rectangle of the input were different?" by recomputing only what the rectangle can reach.
///
/// Each layer that works on neighbourhoods (convolution, pooling, element-wise, sum) is evaluated only where the change
/// arrives, on top of the recorded pass. A convolution of stride 1 is linear, so only what its input changed by goes
/// through it: out += w · (new − recorded), stamped kernel-sized around every pixel that differs at all; pixels whose
/// change a ReLU or a max-pool swallowed cost nothing. From the first layer that mixes all positions (flatten, global
/// pooling) on, many patches go through in one batch. The values are those of a full forward pass, to rounding, and
/// exactly the recorded ones where no change arrives.
/// Cost per patch: changed pixels · kernel · inputs · outputs per convolution, and a batch's share of the rest.
#pragma once

#include "pellucid/nn/network.hpp"
#include "pellucid/nn/overlay.hpp"

#include <span>

namespace pellucid {

class Conv2d;

/// The rectangle and where its new pixels stand: an image of the input's size.
struct Patch {
    Rect rect;
    const float* image;
};

class PatchEvaluator {
public:
    /// Evaluates the value `until`. The network must outlive the evaluator and keep its weights.
    PatchEvaluator(const Network& network, ValueId until);

    /// The value for every patch, (patches, h, w, c); valid until the next call. `base` is a recorded pass up to `until`
    /// at least, of which sample `n` is patched. Rectangles must lie in the input and there must be at least one patch.
    const Tensor& evaluate(const Trace& base, std::size_t n, std::span<const Patch> patches);

private:
    /// How a patch crosses a node.
    enum class Way : std::uint8_t {
        stamps,       ///< convolution of stride 1, unless its inputs are few
        windows,      ///< other convolutions and max-pools: their windows that the patch meets
        whole,        ///< the layer itself on the whole patched input
        rectify,      ///< ReLU
        element_wise, ///< the layer itself on rows
        add
    };
    struct Step {
        Way way = Way::whole;
        const Conv2d* conv = nullptr;
        std::size_t kernel_h = 1, kernel_w = 1, stride_h = 1, stride_w = 1, pad_top = 0, pad_left = 0;
        float outside = 0.0F;            ///< what a window finds outside the image
        simd::PackedWeights stamp;       ///< inputs → (kernel turned by 180°) · outputs
    };

    Step step_for(const Layer& layer) const;
    void patch_input(const Patch& patch);
    void cross(std::size_t node);
    void cross_stamps(std::size_t node);
    void cross_windows(std::size_t node);
    void cross_whole(std::size_t node);
    void cross_rows(std::size_t node);
    void cross_add(std::size_t node);
    Rect reached(std::size_t node, const Rect& changed) const;
    Rect find_changes(ValueId value);
    Patched patched(ValueId value) const { return {network_.shape(value), base_data(value), overlays_[value]}; }
    const float* base_data(ValueId value) const;

    const Network& network_;
    ValueId until_;
    std::vector<char> local_;     ///< per value: follows from the input by neighbourhoods alone
    std::vector<char> gathered_;  ///< per value: local, and wanted whole (by a layer that is not, or as the answer)
    std::vector<char> needed_;    ///< per value: `until` depends on it
    std::vector<Step> steps_;     ///< per node
    std::vector<Overlay> overlays_;
    std::vector<Tensor> batch_;   ///< per value: gathered, or computed behind
    std::vector<Tensor> whole_;   ///< per value: one sample, for layers that want all of it
    std::vector<Tensor> rows_;    ///< per value: one row
    std::vector<Record> records_;
    std::vector<char> unchanged_; ///< per patch
    simd::AlignedVector crop_, other_crop_, changes_, products_;
    struct Place {
        std::size_t y, x;
    };
    std::vector<Place> places_;   ///< of the changes
    std::vector<std::uint32_t> columns_;
    const Trace* base_ = nullptr;
    std::size_t sample_ = 0;
};

}  // namespace pellucid
