/// Folds every BatchNorm and Affine, y = f·x + o per channel, into the weights beside it where there are some.
///
/// Before it (Conv, ConvTranspose, Dense that only it reads): w·f over the outputs, b·f + o.
/// Behind it (every reader a Conv without padding or a Dense, also behind Flatten or Dropout): w·f over the inputs,
/// b + Σ w·o. Zero padding would have to become −o/f, so a padded Conv takes part only where every o is 0.
/// Elsewhere (behind a ReLU and before a pool, a padded Conv or the end) the map stays a layer of its own. So does an
/// Affine of the input, whose relevance is that of the input (backward/composite.cpp).
#include "pellucid/nn/layers.hpp"
#include "pellucid/nn/network.hpp"

#include <algorithm>
#include <set>

namespace pellucid {

namespace {

struct Affinity {
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

void scale_outputs(WeightedLayer& layer, const Affinity& map) {
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
void scale_inputs(WeightedLayer& layer, const Affinity& map) {
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

/// Collects the layers that read `value`; false where one of them cannot take the map in, or the network ends.
bool collect_behind(const Drafts& drafts, ValueId value, const Affinity& map, std::vector<WeightedLayer*>& found) {
    const std::set<std::size_t>& nodes = drafts.readers[value];
    for (const std::size_t node : nodes) {
        Layer* layer = drafts[node].layer.get();
        if (layer->kind() == Kind::pass_through) {  // Flatten; Dropout, which passes all on where nothing is trained
            if (!collect_behind(drafts, node + 1, map, found)) return false;
            continue;
        }
        auto* weighted = dynamic_cast<WeightedLayer*>(layer);
        if (weighted == nullptr) return false;
        const auto* conv = dynamic_cast<Conv2d*>(layer);
        const bool sees_border =
            dynamic_cast<ConvTranspose2d*>(layer) != nullptr || (conv != nullptr && conv->padding() != Padding{});
        if (sees_border && map.shifts()) return false;
        found.push_back(weighted);
    }
    return !nodes.empty();
}

enum class Folded { before, behind, nowhere };

/// Folds node `index` into its neighbours where that does not change the function.
Folded fold(Drafts& drafts, std::size_t index, const Affinity& map) {
    const ValueId source = drafts[index].inputs.front();
    auto* before = source == 0 ? nullptr : dynamic_cast<WeightedLayer*>(drafts[source - 1].layer.get());
    if (before != nullptr && drafts.readers[source].size() == 1) {
        scale_outputs(*before, map);
        return Folded::before;
    }
    std::vector<WeightedLayer*> behind;
    if (!collect_behind(drafts, index + 1, map, behind)) return Folded::nowhere;
    for (WeightedLayer* layer : behind) scale_inputs(*layer, map);
    return Folded::behind;
}

bool maps_input(const Draft& draft) {
    return draft.inputs.front() == 0 && dynamic_cast<const Affine*>(draft.layer.get()) != nullptr;
}

}  // namespace

Network merge_batch_norm(const Network& network) {
    Drafts drafts(network);
    const std::size_t count = network.nodes().size();
    std::map<ValueId, std::string> aliases;  // of old values; of two norms in a row the last has the value that is left

    for (std::size_t i = 0; i < count; ++i) {
        const auto* norm = dynamic_cast<const ChannelMap*>(drafts[i].layer.get());
        if (norm == nullptr || maps_input(drafts[i])) continue;
        auto [factor, offset] = norm->affine();
        const Folded where = fold(drafts, i, {std::move(factor), std::move(offset)});
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
