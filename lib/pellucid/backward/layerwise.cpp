#include "pellucid/backward/layerwise.hpp"

#include "pellucid/error.hpp"

namespace pellucid {

Layerwise::Layerwise(const Network& network, const Trace& trace, Composite composite, Signals signals, ValueId from,
                     ValueId to, Workspace& workspace)
    : network_(network), trace_(trace), composite_(std::move(composite)), rules_(composite_.assign(network)),
      signals_(std::move(signals)), from_(from), to_(to), workspace_(workspace) {}

std::vector<ValueId> Layerwise::values() const {
    std::vector<ValueId> crossed;
    for (ValueId value = from_ + 1; value-- > to_;) {
        if (signals_.known[value]) crossed.push_back(value);
    }
    return crossed;
}

Received Layerwise::received(ValueId value, std::size_t unit) const {
    if (value > from_ || value < to_ || !signals_.known[value]) {
        fail(ErrorCode::bad_argument, "the pass from '{}' to '{}' did not cross '{}'", network_.name(from_),
             network_.name(to_), network_.name(value));
    }
    const Tensor& relevance = signals_.values[value];
    if (relevance.shape()[0] != 1) fail(ErrorCode::unsupported, "messages are told for one input at a time, not for a batch");
    if (unit >= relevance.size()) {
        fail(ErrorCode::bad_argument, "'{}' has units 0 to {}, and no unit {}", network_.name(value), relevance.size() - 1, unit);
    }
    Received received{relevance.data()[unit], trace_.values[value].data()[unit], {}};
    LayerInputs storage;
    for (ValueId reader = value + 1; reader <= from_; ++reader) {
        if (!signals_.known[reader]) continue;
        const Node& node = network_.nodes()[reader - 1];
        const Step step = network_.step(trace_, reader - 1, storage);
        const Crossing crossing{*node.layer, step, signals_.values[reader], {}, workspace_, nullptr};
        for (std::size_t input = 0; input < node.inputs.size(); ++input) {
            if (node.inputs[input] != value) continue;
            const Rule& rule = *rules_[reader - 1];
            received.through.push_back({node.name, reader, std::string(rule.id()), rule.messages(crossing, input, unit)});
        }
    }
    return received;
}

}  // namespace pellucid
