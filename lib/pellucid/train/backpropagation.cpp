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

Backpropagation::Backpropagation(Network& network) : network_(&network) {
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
    network_->forward(workspace.images, trace);

    const std::vector<Node>& nodes = network_->nodes();
    const std::size_t batch = workspace.images.shape()[0];
    workspace.values.resize(nodes.size() + 1);
    const LossSum sum = cross_entropy(trace.values.back(), labels, smoothing, scale, workspace.values.back());

    std::vector<bool> written(nodes.size() + 1, false);
    written.back() = true;
    LayerInputs inputs;
    for (std::size_t node = nodes.size(); node-- > 0;) {
        // A value that nothing after it reads has no influence on the loss.
        if (!wanted_[node + 1] || !written[node + 1]) continue;
        const Step step = network_->step(trace, node, inputs);
        const Tensor& incoming = workspace.values[node + 1];
        if (parameter_count_[node] > 0) {
            nodes[node].layer->parameter_gradients(
                step, incoming, gradients.subspan(first_gradient_[node], parameter_count_[node]));
        }
        // One input at a time, so that a value with several readers (or one reader twice) sums them.
        for (std::size_t i = 0; i < nodes[node].inputs.size(); ++i) {
            const ValueId id = nodes[node].inputs[i];
            if (!wanted_[id]) continue;
            Tensor& target = written[id] ? workspace.shared : workspace.values[id];
            reshape_to(target, with_batch(network_->shape(id), batch));
            std::vector<Tensor*> wanted(nodes[node].inputs.size(), nullptr);
            wanted[i] = &target;
            nodes[node].layer->input_gradient(step, incoming, wanted);
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
