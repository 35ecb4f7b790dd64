#include "pellucid/train/backpropagation.hpp"

#include "pellucid/error.hpp"
#include "pellucid/simd/kernels.hpp"

#include <algorithm>

namespace pellucid::train {

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
        fail(ErrorCode::unsupported, "training takes a network that ends in logits; this one ends in the Softmax {}",
             network.name(network.output()));
    }
    const std::vector<Node>& nodes = network.nodes();
    wanted_.assign(nodes.size() + 1, false);
    std::size_t next = 0;
    for (std::size_t node = 0; node < nodes.size(); ++node) {
        const std::size_t count = network.layer(node).parameters().size();
        first_gradient_.push_back(next);
        parameter_count_.push_back(count);
        next += count;
        wanted_[node + 1] = count > 0 || std::ranges::any_of(nodes[node].inputs, [&](ValueId id) { return wanted_[id]; });
    }
}

LossSum Backpropagation::add_gradients(Workspace& workspace, std::span<const std::uint8_t> labels, float smoothing,
                                       float scale, std::uint32_t seed, std::span<Tensor> gradients) const {
    Trace& trace = workspace.trace;
    trace.training = true;
    trace.seed = seed;
    stages_.forward(workspace.images, trace);

    const std::vector<Node>& nodes = network_->nodes();
    const std::size_t batch = workspace.images.shape()[0];
    workspace.values.resize(nodes.size() + 1);
    const LossSum sum = cross_entropy(trace.values.back(), labels, smoothing, scale, workspace.values.back());

    std::vector<bool> written(nodes.size() + 1, false);
    written.back() = true;
    LayerInputs storage;
    for (auto stage = stages_.list().rbegin(); stage != stages_.list().rend(); ++stage) {
        // A value that nothing after it reads has no influence on the loss.
        if (!wanted_[stage->value] || !written[stage->value]) continue;
        const Step step = stages_.step(*stage, trace, storage);
        Tensor& incoming = workspace.values[stage->value];
        stages_.gate(*stage, step, incoming);
        if (parameter_count_[stage->node] > 0) {
            stages_.parameter_gradients(
                *stage, step, incoming, gradients.subspan(first_gradient_[stage->node], parameter_count_[stage->node]));
        }
        // One input at a time, so that a value with several readers (or one reader twice) sums them.
        const std::vector<ValueId>& inputs = nodes[stage->node].inputs;
        for (std::size_t i = 0; i < inputs.size(); ++i) {
            const ValueId id = inputs[i];
            if (!wanted_[id]) continue;
            Tensor& target = written[id] ? workspace.shared : workspace.values[id];
            reshape_to(target, with_batch(network_->shape(id), batch));
            std::array<Tensor*, 2> wanted{};
            wanted[i] = &target;
            stages_.input_gradient(*stage, step, incoming, {wanted.data(), inputs.size()});
            if (written[id]) {
                Tensor& total = workspace.values[id];
                simd::kernels().add(total.size(), total.data(), target.data(), total.data());
            }
            written[id] = true;
        }
    }
    return sum;
}

}  // namespace pellucid::train
