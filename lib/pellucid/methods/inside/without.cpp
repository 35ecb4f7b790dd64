#include "pellucid/methods/inside/without.hpp"

#include "pellucid/error.hpp"
#include "pellucid/methods/inside/ablation.hpp"
#include "pellucid/nn/layers.hpp"

#include <algorithm>

namespace pellucid::methods {

Network without_channels(const Network& network, ValueId layer, std::span<const std::size_t> channels, double factor) {
    const std::size_t count = network.shape(layer)[3];
    std::vector<double> factors(count, 1.0), offsets(count, 0.0);
    for (const std::size_t channel : channels) {
        if (channel >= count) {
            fail(ErrorCode::bad_argument, "the layer '{}' has channels 0 to {}, and no channel {}", network.name(layer),
                 count - 1, channel);
        }
        factors[channel] = factor;
    }
    Network result(network.input_shape());
    result.metadata = network.metadata;
    std::vector<ValueId> place(network.nodes().size() + 1, 0);
    const auto damage = [&](ValueId value) {
        if (value != layer) return;
        place[value] = result.add(std::string(network.name(layer)) + "_without",
                                  std::make_unique<Affine>(factors, offsets), {place[value]});
    };
    damage(0);
    for (std::size_t node = 0; node < network.nodes().size(); ++node) {
        const Node& own = network.nodes()[node];
        std::vector<ValueId> inputs;
        for (const ValueId input : own.inputs) inputs.push_back(place[input]);
        place[node + 1] = result.add(own.name, own.layer->clone(), inputs);
        damage(node + 1);
    }
    return result;
}

Network without_channels(const Network& network, std::string_view text) {
    const std::size_t slash = text.rfind('/');
    if (slash == std::string_view::npos || slash == 0 || slash + 1 == text.size()) {
        fail(ErrorCode::bad_argument,
             "'{}' names no channels of a layer; LAYER/CHANNEL;CHANNEL does, as conv2/3;7 or conv2/all",
             text.substr(0, 60));
    }
    const ValueId layer = network.find(text.substr(0, slash));
    const std::string channels(text.substr(slash + 1));
    if (channels.find(',') != std::string::npos) {
        fail(ErrorCode::bad_argument, "'{}' names single units; whole channels can be switched off, as in conv2/3;7",
             text.substr(0, 60));
    }
    // A channel's first unit is the channel's number.
    std::vector<std::size_t> units = named_units("without", network, layer, channels);
    std::erase_if(units, [&](std::size_t unit) { return unit >= network.shape(layer)[3]; });
    return without_channels(network, layer, units);
}

}  // namespace pellucid::methods
