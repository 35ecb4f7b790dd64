/// Loss and its gradient with respect to every parameter, by one forward and one backward walk over the network.
///
/// The walk visits nodes from the last to the first; gradients of a value that several nodes read are summed. Values that
/// no parameter can influence (the input, and what is computed from it alone) get no gradient. Depends on no file
/// format, so it serves training in the browser too.
#pragma once

#include "pellucid/function_ref.hpp"
#include "pellucid/nn/stages.hpp"
#include "pellucid/optimise/loss.hpp"

#include <cstdint>
#include <span>
#include <vector>

namespace pellucid::optimise {

/// One tensor per parameter, in the order of the network's nodes and of Layer::parameters().
using Gradients = std::vector<Tensor>;

/// The network's parameters in that order.
std::vector<Tensor*> parameter_tensors(Network& network);

/// Zero gradients of the network's parameters.
Gradients make_gradients(Network& network);

/// Memory of one walk; one per thread. Reusing it for sub-batches of one size allocates nothing.
struct Workspace {
    Tensor images;  ///< the sub-batch, (n, h, w, c), filled by the caller
    Trace trace;
    Stages::Signals signals;  ///< gradients of the loss with respect to the values
};

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
    Network* network_;
    Stages stages_;
    std::vector<char> wanted_;                 ///< per value: some parameter can influence it
    std::vector<std::size_t> first_gradient_;  ///< per node: place of its first parameter in Gradients
    std::vector<std::size_t> parameter_count_;
};

}  // namespace pellucid::optimise
