#include "pellucid/backward/rule.hpp"

namespace pellucid {

namespace {

/// The layer's output where the unit has that value.
Tensor output_at(const Crossing& c, std::size_t input, std::size_t unit, float value) {
    Tensor changed = *c.step.inputs[input];
    changed.data()[unit] = value;
    std::vector<const Tensor*> inputs(c.step.inputs.begin(), c.step.inputs.end());
    inputs[input] = &changed;
    Tensor output(c.step.output.shape());
    Record record;
    c.layer.forward(inputs, output, record);
    return output;
}

/// The output units that the unit can reach, found by asking the layer: only they can hand anything to it.
std::vector<std::size_t> reached(const Crossing& c, std::size_t input, std::size_t unit) {
    Tensor high, low;
    if (const auto* weighted = dynamic_cast<const WeightedLayer*>(&c.layer)) {
        // Also through weights that happen to be 0: some rules do not look at weights.
        Tensor one_hot = zeros(c.step.input().shape());
        low = zeros(c.step.output.shape());
        high = low;
        one_hot.data()[unit] = 1.0F;
        weighted->apply(one_hot, c.workspace.weights(*weighted, form_ones, form_none), high);
    } else {
        // Far beyond what activations are: it decides every maximum and both ends of every squashing function.
        high = output_at(c, input, unit, 1e6F);
        low = output_at(c, input, unit, -1e6F);
    }
    std::vector<std::size_t> units;
    for (std::size_t k = 0; k < high.size(); ++k) {
        if (high.data()[k] != low.data()[k]) units.push_back(k);
    }
    return units;
}

}  // namespace

Messages Rule::messages(const Crossing& crossing, std::size_t input, std::size_t unit) const {
    Messages messages;
    Tensor alone = zeros(crossing.incoming.shape());
    Tensor received(crossing.step.inputs[input]->shape());
    std::vector<Tensor*> outgoing(crossing.step.inputs.size(), nullptr);
    outgoing[input] = &received;
    for (const std::size_t k : reached(crossing, input, unit)) {
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
