#include "pellucid/backward/layerwise.hpp"

#include "pellucid/error.hpp"

namespace pellucid {

std::vector<ValueId> Layerwise::values() const {
    std::vector<ValueId> crossed;
    for (ValueId value = from_ + 1; value-- > to_;) {
        if (relevances_.known[value]) crossed.push_back(value);
    }
    return crossed;
}

Received Layerwise::received(ValueId value, std::size_t unit) const {
    if (value > from_ || value < to_ || !relevances_.known[value]) {
        fail(ErrorCode::bad_argument, "the pass from '{}' to '{}' did not cross '{}'", network_.name(from_),
             network_.name(to_), network_.name(value));
    }
    const Tensor& relevance = relevances_.values[value];
    if (relevance.shape()[0] != 1)
        fail(ErrorCode::unsupported, "messages are told for one input at a time, not for a batch");
    if (unit >= relevance.size()) {
        fail(ErrorCode::bad_argument, "'{}' has units 0 to {}, and no unit {}", network_.name(value),
             relevance.size() - 1, unit);
    }
    std::vector<Reader> readers;
    for (ValueId reader = value + 1; reader <= from_; ++reader) {
        if (!relevances_.known[reader]) continue;
        const std::vector<ValueId>& inputs = node(reader).inputs;
        for (std::size_t input = 0; input < inputs.size(); ++input) {
            if (inputs[input] == value) readers.push_back({reader, input});
        }
    }
    return {relevance.data()[unit], trace_.values[value].data()[unit], through(readers, unit)};
}

RelevanceWalk::RelevanceWalk(const Network& network, const Trace& trace, Composite composite, Signals signals,
                             ValueId from, ValueId to, Workspace& workspace)
    : Layerwise(network, trace, std::move(signals), from, to),
      composite_(std::move(composite)),
      rules_(composite_.assign(network)),
      workspace_(workspace) {}

std::vector<ReceivedThrough> RelevanceWalk::through(const std::vector<Reader>& readers, std::size_t unit) const {
    std::vector<ReceivedThrough> all;
    LayerInputs storage;
    for (const auto& [value, input] : readers) {
        const Step step = network().step(trace(), value - 1, storage);
        const Rule& rule = *rules_[value - 1];
        const Crossing crossing{*node(value).layer, step, relevance(value), {}, workspace_, nullptr};
        all.push_back({node(value).name, value, std::string(rule.id()), rule.messages(crossing, input, unit)});
    }
    return all;
}

}  // namespace pellucid
