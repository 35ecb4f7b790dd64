#include "pellucid/backward/rule.hpp"

namespace pellucid {

namespace {

/// The layer's output where the unit has that value.
Tensor output_at(const Layer& layer, const Step& step, std::size_t input, std::size_t unit, float value) {
    Tensor changed = *step.inputs[input];
    changed.data()[unit] = value;
    std::vector<const Tensor*> inputs(step.inputs.begin(), step.inputs.end());
    inputs[input] = &changed;
    Tensor output(step.output.shape());
    Record record;
    layer.forward(inputs, output, record);
    return output;
}

}  // namespace

std::vector<std::size_t> reached_units(const Layer& layer, const Step& step, std::size_t input, std::size_t unit,
                                       Workspace& workspace) {
    Tensor high, low;
    if (const auto* weighted = dynamic_cast<const WeightedLayer*>(&layer)) {
        // Also through weights that happen to be 0: some rules do not look at weights.
        Tensor one_hot = zeros(step.input().shape());
        low = zeros(step.output.shape());
        high = low;
        one_hot.data()[unit] = 1.0F;
        weighted->apply(one_hot, workspace.weights(*weighted, form_ones, form_none), high);
    } else {
        // Far beyond what activations are: it decides every maximum and both ends of every squashing function.
        high = output_at(layer, step, input, unit, 1e6F);
        low = output_at(layer, step, input, unit, -1e6F);
    }
    std::vector<std::size_t> units;
    for (std::size_t k = 0; k < high.size(); ++k) {
        if (high.data()[k] != low.data()[k]) units.push_back(k);
    }
    return units;
}

Messages Rule::messages(const Crossing& crossing, std::size_t input, std::size_t unit) const {
    Messages messages;
    Tensor alone = zeros(crossing.incoming.shape());
    Tensor received(crossing.step.inputs[input]->shape());
    std::vector<Tensor*> outgoing(crossing.step.inputs.size(), nullptr);
    outgoing[input] = &received;
    for (const std::size_t k : reached_units(crossing.layer, crossing.step, input, unit, crossing.workspace)) {
        const float r = crossing.incoming.data()[k];
        if (r == 0.0F) continue;
        alone.data()[k] = r;
        cross({crossing.layer, crossing.step, alone, outgoing, crossing.workspace, nullptr});
        alone.data()[k] = 0.0F;
        const float value = received.data()[unit];
        if (value != 0.0F) messages.list.push_back({k, r, value, {}});
    }
    return messages;
}

}  // namespace pellucid
