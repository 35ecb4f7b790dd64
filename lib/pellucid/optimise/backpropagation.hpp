/// A classifier's loss and its gradient with respect to every parameter, by one forward and one backward walk.
#pragma once

#include "pellucid/function_ref.hpp"
#include "pellucid/optimise/loss.hpp"
#include "pellucid/optimise/weight_gradients.hpp"

#include <cstdint>
#include <span>

namespace pellucid::optimise {

class Backpropagation {
public:
    /// Plans the walk. The network must outlive this object and keep its graph; its weights may change.
    /// Throws Error(unsupported) where the network ends in a Softmax: the loss takes logits.
    explicit Backpropagation(Network& network);

    /// Runs workspace.images through the network and adds scale · ∂(summed loss)/∂parameter to `gradients`.
    /// seed: of dropout's masks. labels: one per image.
    LossSum add_gradients(Workspace& workspace, std::span<const std::uint8_t> labels, float smoothing, float scale,
                          std::uint32_t seed, std::span<Tensor> gradients) const;

    /// The same for another loss: `loss` writes its gradient by the logits, scaled as wanted, and returns its sum.
    LossSum add_gradients(Workspace& workspace, std::uint32_t seed, std::span<Tensor> gradients,
                          FunctionRef<LossSum(const Tensor& logits, Tensor& gradient)> loss) const;

private:
    WeightGradients walk_;
};

}  // namespace pellucid::optimise
