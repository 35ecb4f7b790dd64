#include "pellucid/optimise/backpropagation.hpp"

#include "pellucid/error.hpp"
#include "pellucid/nn/head.hpp"

namespace pellucid::optimise {

Backpropagation::Backpropagation(Network& network) : walk_(network) {
    if (network.logits() != network.output()) {
        fail(ErrorCode::unsupported, "training takes a network that ends in logits; this one ends in the {} {}",
             network.nodes()[last_effect(network) - 1].layer->op(), network.name(last_effect(network)));
    }
}

LossSum Backpropagation::add_gradients(Workspace& workspace, std::span<const std::uint8_t> labels, float smoothing,
                                       float scale, std::uint32_t seed, std::span<Tensor> gradients) const {
    return add_gradients(workspace, seed, gradients, [&](const Tensor& logits, Tensor& gradient) {
        return cross_entropy(logits, labels, smoothing, scale, gradient);
    });
}

LossSum Backpropagation::add_gradients(Workspace& workspace, std::uint32_t seed, std::span<Tensor> gradients,
                                       FunctionRef<LossSum(const Tensor&, Tensor&)> loss) const {
    const Tensor& logits = walk_.forward(workspace, true, seed);
    const LossSum sum = loss(logits, walk_.seed(workspace));
    walk_.add(workspace, gradients);
    return sum;
}

}  // namespace pellucid::optimise
