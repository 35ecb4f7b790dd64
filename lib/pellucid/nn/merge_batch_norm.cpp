/// Folds every BatchNorm, y = f·x + o per channel, into the weights beside it.
///
/// Before it (Conv, ConvTranspose, Dense that only it reads): w·f over the outputs, b·f + o.
/// Behind it (every reader a Conv without padding or a Dense, also behind Flatten or Dropout): w·f over the inputs,
/// b + Σ w·o. Zero padding would have to become −o/f, so a padded Conv takes part only where every o is 0.
#include "pellucid/error.hpp"
#include "pellucid/nn/layers.hpp"
#include "pellucid/nn/network.hpp"

#include <algorithm>
#include <set>

namespace pellucid {

namespace {

struct Affine {
    std::vector<double> factor, offset;

    bool shifts() const {
        return std::any_of(offset.begin(), offset.end(), [](double value) { return value != 0.0; });
    }
};

struct Draft {
    std::string name;
    std::unique_ptr<Layer> layer;
    std::vector<ValueId> inputs;
    bool merged = false;
};

/// The nodes, and per value those that read it and are not merged.
struct Drafts {
    std::vector<Draft> nodes;
    std::vector<std::set<std::size_t>> readers;

    explicit Drafts(const Network& network) : readers(network.nodes().size() + 1) {
        for (const Node& node : network.nodes()) {
            for (const ValueId value : node.inputs) readers[value].insert(nodes.size());
            nodes.push_back({node.name, node.layer->clone(), node.inputs, false});
        }
    }
    Draft& operator[](std::size_t node) { return nodes[node]; }
    const Draft& operator[](std::size_t node) const { return nodes[node]; }

    /// Who read what the node puts out reads its input from now on.
    void merge(std::size_t node) {
        const ValueId source = nodes[node].inputs[0];
        nodes[node].merged = true;
        readers[source].erase(node);
        for (const std::size_t reader : readers[node + 1]) {
            std::ranges::replace(nodes[reader].inputs, node + 1, source);
            readers[source].insert(reader);
        }
        readers[node + 1].clear();
    }
};

void scale_outputs(WeightedLayer& layer, const Affine& map) {
    Tensor weight = layer.weight();
    Tensor bias = layer.bias();
    const std::size_t outputs = map.factor.size();
    for (std::size_t i = 0; i < weight.size(); ++i) {
        weight.data()[i] = static_cast<float>(weight.data()[i] * map.factor[i % outputs]);
    }
    for (std::size_t o = 0; o < outputs; ++o) {
        bias.data()[o] = static_cast<float>(bias.data()[o] * map.factor[o] + map.offset[o]);
    }
    layer.set_weights(std::move(weight), std::move(bias));
}

/// Inputs beyond the channels of the map (behind a Flatten) repeat it.
void scale_inputs(WeightedLayer& layer, const Affine& map) {
    Tensor weight = layer.weight();
    Tensor bias = layer.bias();
    const std::size_t inputs = weight.shape()[2];
    const std::size_t outputs = weight.shape()[3];
    std::vector<double> sum(outputs, 0.0);
    for (std::size_t i = 0; i < weight.size(); ++i) {
        const std::size_t channel = i / outputs % inputs % map.factor.size();
        sum[i % outputs] += static_cast<double>(weight.data()[i]) * map.offset[channel];
        weight.data()[i] = static_cast<float>(weight.data()[i] * map.factor[channel]);
    }
    for (std::size_t o = 0; o < outputs; ++o) bias.data()[o] = static_cast<float>(bias.data()[o] + sum[o]);
    layer.set_weights(std::move(weight), std::move(bias));
}

/// Collects the layers that read `value` and could take the map in; otherwise says why not, and whether because the
/// network ends there.
std::string collect_behind(const Drafts& drafts, ValueId value, const Affine& map, std::vector<WeightedLayer*>& found,
                           bool& ends) {
    const std::set<std::size_t>& nodes = drafts.readers[value];
    if (nodes.empty()) {
        ends = true;
        return "no Conv or Dense stands beside it";
    }
    for (const std::size_t node : nodes) {
        Layer* layer = drafts[node].layer.get();
        if (layer->kind() == Kind::pass_through) {  // Flatten; Dropout, which passes all on where nothing is trained
            std::string reason = collect_behind(drafts, node + 1, map, found, ends);
            if (!reason.empty()) return reason;
            continue;
        }
        auto* weighted = dynamic_cast<WeightedLayer*>(layer);
        if (weighted == nullptr) return fmt::format("\"{}\" ({}) reads it", drafts[node].name, layer->op());
        const auto* conv = dynamic_cast<Conv2d*>(layer);
        const bool sees_border =
            dynamic_cast<ConvTranspose2d*>(layer) != nullptr || (conv != nullptr && conv->padding() != Padding{});
        if (sees_border && map.shifts()) {
            return fmt::format("\"{}\" pads it with zeros, which the shift would change", drafts[node].name);
        }
        found.push_back(weighted);
    }
    return {};
}

enum class Folded { before, behind, nowhere };

/// Folds node `index` into its neighbours, or nowhere if the network ends behind it and `leave_at_end` allows that;
/// throws where folding changes the function.
Folded fold(Drafts& drafts, std::size_t index, const Affine& map, bool leave_at_end) {
    const ValueId source = drafts[index].inputs.front();
    auto* before = source == 0 ? nullptr : dynamic_cast<WeightedLayer*>(drafts[source - 1].layer.get());
    if (before != nullptr && drafts.readers[source].size() == 1) {
        scale_outputs(*before, map);
        return Folded::before;
    }
    std::vector<WeightedLayer*> behind;
    bool ends = false;
    const std::string reason = collect_behind(drafts, index + 1, map, behind, ends);
    if (ends && leave_at_end) return Folded::nowhere;
    if (!reason.empty()) {
        fail(ErrorCode::unsupported,
             "BatchNorm \"{}\" cannot be merged: {}; a Conv or Dense before it that nothing else reads, or one without "
             "padding behind it, would take it in",
             drafts[index].name, reason);
    }
    for (WeightedLayer* layer : behind) scale_inputs(*layer, map);
    return Folded::behind;
}

}  // namespace

Network merge_batch_norm(const Network& network, bool leave_at_end) {
    Drafts drafts(network);
    const std::size_t count = network.nodes().size();
    std::map<ValueId, std::string> aliases;  // of old values; of two norms in a row the last has the value that is left

    for (std::size_t i = 0; i < count; ++i) {
        const auto* norm = dynamic_cast<const BatchNorm*>(drafts[i].layer.get());
        if (norm == nullptr) continue;
        auto [factor, offset] = norm->affine();
        const Folded where = fold(drafts, i, {std::move(factor), std::move(offset)}, leave_at_end);
        if (where == Folded::nowhere) continue;
        if (where == Folded::before) aliases[drafts[i].inputs[0]] = drafts[i].name;
        drafts.merge(i);
    }

    Network merged(network.input_shape());
    merged.metadata = network.metadata;
    std::vector<ValueId> place(count + 1, 0);  // of an old value in the new network
    for (std::size_t i = 0; i < count; ++i) {
        if (drafts[i].merged) continue;
        for (ValueId& value : drafts[i].inputs) value = place[value];
        place[i + 1] = merged.add(std::move(drafts[i].name), std::move(drafts[i].layer), std::move(drafts[i].inputs));
    }
    for (auto& [value, name] : aliases) merged.alias(std::move(name), place[value]);
    return merged;
}

}  // namespace pellucid
