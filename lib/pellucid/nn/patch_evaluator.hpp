/// Answers "what if this rectangle of the input were different?" by recomputing only what the rectangle can reach.
///
/// Each layer that works on neighbourhoods (convolution, pooling, element-wise, sum) is evaluated only where the change
/// arrives, on top of the recorded pass. A convolution of stride 1 is linear, so only what its input changed by goes
/// through it: out += w · (new − recorded), tap by tap, for every pixel that differs at all; pixels whose change a ReLU
/// or a max-pool swallowed cost nothing. A dense layer that reads the image flattened gets its changes in the same way,
/// pixel by pixel. Other layers that mix all positions (global pooling) see many patched values in one batch.
/// The values are those of a full forward pass, to rounding, and exactly the recorded ones where no change arrives;
/// what one patch gets does not depend on the others.
/// Cost per patch: changed pixels · kernel · inputs · outputs per convolution, changed inputs · outputs of the dense
/// layer behind, and a batch's share of the rest.
#pragma once

#include "pellucid/nn/patch_plan.hpp"

#include <span>
#include <vector>

namespace pellucid {

/// The rectangle and where its new pixels stand: an image of the input's size.
struct Patch {
    Rect rect;
    const float* image;
};

class PatchEvaluator {
public:
    /// Evaluates the value `until`. The network must outlive the evaluator and keep its weights.
    PatchEvaluator(const Network& network, ValueId until);

    /// The value for every patch, (patches, h, w, c); valid until the next call. `base` is a recorded pass up to
    /// `until` at least, of which sample `n` is patched. Rectangles must lie in the input and there must be at least
    /// one patch.
    const Tensor& evaluate(const Trace& base, std::size_t n, std::span<const Patch> patches);

private:
    /// Pixels that differ from the recorded ones, of several patches.
    struct Changes {
        simd::AlignedVector by;             ///< how much, one pixel after another
        std::vector<std::uint32_t> places;  ///< row · 65536 + column, within the patch's overlay or its value
        std::size_t count = 0;
    };
    /// The image with its padding, for layers that look at windows.
    struct Canvas {
        simd::AlignedVector data;
        std::size_t columns = 0;
    };
    struct Reach {
        Rect computed;  ///< of the layer
        Rect outputs;   ///< of the stage: the same, or pooled
    };
    /// One patch's part of the strip that a layer is computed on.
    struct Cell {
        Reach reach;
        std::ptrdiff_t y = 0, x = 0;  ///< its corner in the value, perhaps outside the image
        std::size_t rows = 0, columns = 0;
        std::size_t first = 0;  ///< of the patch's changes
    };
    /// What a dense layer by changes is made of.
    struct DenseChanges {
        Changes changes;                     ///< places are pixels here
        std::vector<std::uint32_t> patches;  ///< whose they are
    };

    void check(const Patch& patch) const;
    void take_inputs(std::span<const Patch> patches);
    void cross(std::size_t stage);
    void cross_stamps(const PatchStage& stage);
    void cross_windows(const PatchStage& stage, Canvas& canvas);
    void cross_whole(const PatchStage& stage);
    void cross_rows(const PatchStage& stage);
    void cross_add(const PatchStage& stage);
    Reach reach(const PatchStage& stage, const Rect& box) const;
    void finish(const PatchStage& stage, std::size_t rows, std::size_t width, std::size_t pitch);
    void place_outputs(const PatchStage& stage);
    void paint(const PatchStage& stage, Canvas& canvas) const;
    Overlays& reset_like(ValueId input, ValueId value);
    std::size_t find_changes(ValueId value, std::size_t p, Changes& to) const;
    void gather(std::size_t first);
    void add_changes(const ChangedDense& dense, DenseChanges& found);
    Patched patched(ValueId value, std::size_t p) const {
        return {network_.shape(value), base_data(value), overlays_[value], p};
    }
    const float* base_data(ValueId value) const;

    const Network& network_;
    ValueId until_;
    PatchPlan plan_;
    std::vector<Overlays> overlays_;  ///< per value
    std::vector<Tensor> batch_;       ///< per value: gathered, or computed behind
    std::vector<Tensor> whole_;       ///< per value: one sample, for layers that want all of it
    std::vector<Tensor> lines_;       ///< per value: one row
    std::vector<Record> records_;
    std::vector<Canvas> canvases_;  ///< per stage
    std::vector<DenseChanges> dense_changes_;
    std::vector<char> unchanged_;  ///< per patch
    // Of the chunk and stage at hand.
    std::size_t count_ = 0;  ///< patches in the chunk
    std::vector<Cell> cells_;
    Overlays field_;  ///< what will be pooled
    Changes changes_;
    std::vector<float*> targets_;
    std::vector<std::uint32_t> order_, starts_;
    simd::AlignedVector strip_, line_;
    const Trace* base_ = nullptr;
    std::size_t sample_ = 0;
};

}  // namespace pellucid
