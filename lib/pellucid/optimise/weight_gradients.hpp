/// Gradients by a network's weights of anything that seeds its output: a forward walk, a seed, and a backward walk.
///
/// The walk visits nodes from the last to the first; gradients of a value that several nodes read are summed. Values
/// that no parameter can influence (the input, and what is computed from it alone) get no gradient. Depends on no file
/// format, so it serves training in the browser too.
/// Cost: one forward pass, one adjoint of every layer above the first with weights, one weight gradient of each layer.
#pragma once

#include "pellucid/nn/stages.hpp"

#include <cstdint>
#include <span>
#include <vector>

namespace pellucid::optimise {

/// One tensor per parameter, in the order of the network's nodes and of Layer::parameters().
using Gradients = std::vector<Tensor>;

/// The network's parameters in that order.
std::vector<Tensor*> parameter_tensors(Network& network);

/// To be called after parameters were changed from outside.
void refresh(Network& network);

/// Zero gradients of the network's parameters.
Gradients make_gradients(Network& network);

/// Memory of one walk; one per thread. Reusing it for sub-batches of one size allocates nothing.
struct Workspace {
    Tensor images;  ///< the sub-batch, (n, h, w, c), filled by the caller
    Trace trace;
    Stages::Signals signals;  ///< gradients of the loss with respect to the values
};

class WeightGradients {
public:
    /// Plans the walk. The network must outlive this object and keep its graph; its weights may change.
    explicit WeightGradients(Network& network);

    /// Runs workspace.images through the network and returns its output, kept in workspace.trace.
    /// training: dropout draws masks from `seed`.
    const Tensor& forward(Workspace& workspace, bool training = false, std::uint32_t seed = 0) const;

    /// The tensor to fill with ∂loss/∂output of the last forward walk; shaped like the output, contents unspecified.
    Tensor& seed(Workspace& workspace) const;

    /// Carries that seed down and adds ∂loss/∂parameter, summed over the batch, to `gradients`.
    void add(Workspace& workspace, std::span<Tensor> gradients) const;

private:
    const Network* network_;
    Stages stages_;
    std::vector<char> wanted_;                 ///< per value: some parameter can influence it
    std::vector<std::size_t> first_gradient_;  ///< per node: place of its first parameter in Gradients
    std::vector<std::size_t> parameter_count_;
};

}  // namespace pellucid::optimise
