#include "pellucid/methods/inside/tail.hpp"

#include <algorithm>

namespace pellucid::methods {

Tail::Tail(const Network& network, ValueId from, ValueId until)
    : network_(network),
      from_(from),
      until_(until),
      depends_(network.nodes().size() + 1, 0),
      values_(network.nodes().size() + 1),
      records_(network.nodes().size()) {
    const std::vector<char> wanted = values_below(network, until);
    depends_[from] = 1;
    for (ValueId value = from + 1; value <= until; ++value) {
        for (const ValueId input : network.nodes()[value - 1].inputs) depends_[value] |= depends_[input];
        depends_[value] &= wanted[value];
    }
}

const Tensor& Tail::operator()(const Trace& trace, std::size_t n, const Tensor& changed) {
    const std::size_t count = changed.shape()[0];
    reshape_to(values_[from_], changed.shape());
    std::copy_n(changed.data(), changed.size(), values_[from_].data());
    for (ValueId value = from_ + 1; value <= until_; ++value) {
        if (!depends_[value]) continue;
        const Node& node = network_.nodes()[value - 1];
        for (const ValueId input : node.inputs) {
            if (!depends_[input]) values_[input] = repeat(batch_slice(trace.values[input], n, 1), count);
        }
        LayerInputs storage;
        reshape_to(values_[value], with_batch(network_.shape(value), count));
        node.layer->forward(inputs_of(node, values_, storage), values_[value], records_[value - 1]);
    }
    return values_[until_];
}

}  // namespace pellucid::methods
