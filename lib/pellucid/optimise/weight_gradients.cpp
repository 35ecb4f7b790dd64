#include "pellucid/optimise/weight_gradients.hpp"

#include <algorithm>

namespace pellucid::optimise {

std::vector<Tensor*> parameter_tensors(Network& network) {
    std::vector<Tensor*> tensors;
    for (std::size_t node = 0; node < network.nodes().size(); ++node) {
        for (const Parameter& parameter : network.layer(node).parameters()) tensors.push_back(parameter.value);
    }
    return tensors;
}

void refresh(Network& network) {
    for (std::size_t node = 0; node < network.nodes().size(); ++node) network.layer(node).refresh();
}

Gradients make_gradients(Network& network) {
    Gradients gradients;
    for (const Tensor* tensor : parameter_tensors(network)) gradients.push_back(zeros(tensor->shape()));
    return gradients;
}

WeightGradients::WeightGradients(Network& network) : network_(&network), stages_(network, network.output()) {
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

const Tensor& WeightGradients::forward(Workspace& workspace, bool training, std::uint32_t seed) const {
    workspace.trace.training = training;
    workspace.trace.seed = seed;
    stages_.forward(workspace.images, workspace.trace);
    return workspace.trace.values.back();
}

Tensor& WeightGradients::seed(Workspace& workspace) const {
    Tensor& top = stages_.begin(workspace.signals);
    reshape_to(top, workspace.trace.values.back().shape());
    return top;
}

void WeightGradients::add(Workspace& workspace, std::span<Tensor> gradients) const {
    stages_.backward(
        workspace.trace, workspace.signals, wanted_, [&](const auto& stage, const Step& step, const Tensor& incoming) {
            const std::size_t count = parameter_count_[stage.node];
            if (count == 0) return;
            stages_.parameter_gradients(stage, step, incoming, gradients.subspan(first_gradient_[stage.node], count));
        });
}

}  // namespace pellucid::optimise
