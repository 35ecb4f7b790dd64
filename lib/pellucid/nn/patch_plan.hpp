/// How patches cross a network (patch_evaluator.hpp): which of its layers work on neighbourhoods, in what way each is
/// crossed, and what happens behind them.
#pragma once

#include "pellucid/nn/layers.hpp"
#include "pellucid/nn/network.hpp"
#include "pellucid/nn/overlay.hpp"

namespace pellucid {

/// Kernel, stride and padding of a layer that looks at windows; by default it looks at single pixels.
struct Windows {
    std::size_t kernel_h = 1, kernel_w = 1, stride_h = 1, stride_w = 1, pad_top = 0, pad_left = 0;

    /// The outputs, of an image of shape `to`, whose windows meet `changed`.
    Rect reached(const Rect& changed, const Shape& to) const;
    /// The inputs under the windows of `outputs`. Without padding only.
    Rect under(const Rect& outputs) const;
};

/// A layer, with a ReLU and a max-pool behind a convolution that nobody else reads.
struct PatchStage {
    enum class Way : std::uint8_t {
        stamps,        ///< convolution of stride 1, unless its inputs are few: by differences
        convolve,      ///< other convolutions: their windows that a patch meets
        maximum,       ///< max-pool
        whole,         ///< the layer itself on the whole patched input
        rectify,       ///< ReLU
        element_wise,  ///< the layer itself on rows
        add
    };
    std::size_t node;  ///< the layer
    ValueId value;     ///< what the last layer of the stage puts out
    Way way = Way::whole;
    Windows windows{};
    const Conv2d* conv = nullptr;
    bool relu = false;  ///< behind the convolution
    bool pools = false;
    Windows pool{};
};

/// A dense layer that reads, flattened, a value that patches change in places.
struct ChangedDense {
    ValueId from;
    std::size_t node;
};

struct PatchPlan {
    PatchPlan(const Network& network, ValueId until);

    std::vector<PatchStage> stages;
    std::vector<ValueId> gathered;  ///< values that layers which mix all positions want whole, or the answer
    std::vector<ChangedDense> dense;
    std::vector<std::size_t> behind;  ///< nodes that are evaluated for all patches at once

private:
    PatchStage stage_from(std::size_t node) const;
    bool follow(PatchStage& stage) const;
    void plan_dense(std::size_t node, std::vector<char>& done);

    const Network& network_;
    ValueId until_;
    std::vector<std::vector<std::size_t>> readers_;  ///< per value: nodes on the way to `until`
    std::vector<char> local_;                        ///< per value: follows from the input by neighbourhoods alone
};

}  // namespace pellucid
