#include "pellucid/optimise/backpropagation.hpp"

#include "pellucid/error.hpp"
#include "pellucid/nn/head.hpp"

#include <algorithm>

namespace pellucid::optimise {

std::vector<Tensor*> parameter_tensors(Network& network) {
    std::vector<Tensor*> tensors;
    for (std::size_t node = 0; node < network.nodes().size(); ++node) {
        for (const Parameter& parameter : network.layer(node).parameters()) tensors.push_back(parameter.value);
    }
    return tensors;
}

Gradients make_gradients(Network& network) {
    Gradients gradients;
    for (const Tensor* tensor : parameter_tensors(network)) gradients.push_back(zeros(tensor->shape()));
    return gradients;
}

Backpropagation::Backpropagation(Network& network) : network_(&network), stages_(network, network.output()) {
    if (network.logits() != network.output()) {
        fail(ErrorCode::unsupported, "training takes a network that ends in logits; this one ends in the {} {}",
             network.nodes()[last_effect(network) - 1].layer->op(), network.name(last_effect(network)));
    }
    const std::vector<Node>& nodes = network.nodes();
    wanted_.assign(nodes.size() + 1, 0);
    std::size_t next = 0;
    for (std::size_t node = 0; node < nodes.size(); ++node) {
        const std::size_t count = network.layer(node).parameters().size();
        first_gradient_.push_back(next);
        parameter_count_.push_back(count);
        next += count;
        wanted_[node + 1] =
            count > 0 || std::ranges::any_of(nodes[node].inputs, [&](ValueId id) { return wanted_[id]; });
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
    Trace& trace = workspace.trace;
    trace.training = true;
    trace.seed = seed;
    stages_.forward(workspace.images, trace);

    Tensor& top = stages_.begin(workspace.signals);
    const LossSum sum = loss(trace.values.back(), top);
    stages_.backward(
        trace, workspace.signals, wanted_, [&](const auto& stage, const Step& step, const Tensor& incoming) {
            const std::size_t count = parameter_count_[stage.node];
            if (count == 0) return;
            stages_.parameter_gradients(stage, step, incoming, gradients.subspan(first_gradient_[stage.node], count));
        });
    return sum;
}

}  // namespace pellucid::optimise
