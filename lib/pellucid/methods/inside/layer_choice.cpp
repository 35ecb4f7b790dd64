#include "pellucid/methods/inside/layer_choice.hpp"

#include "pellucid/error.hpp"

namespace pellucid::methods {

bool has_places(const Network& network, ValueId value) {
    if (network.shape(value)[1] * network.shape(value)[2] > 1) return true;
    const std::vector<char> below = values_below(network, value);
    for (std::size_t i = 0; i < network.nodes().size(); ++i) {
        const Layer& layer = *network.nodes()[i].layer;
        if (below[i + 1] && (layer.kind() == Kind::dense || std::string_view(layer.op()) == "Flatten")) return false;
    }
    return true;
}

ValueId last_feature_maps(const Network& network, const Target& target) {
    const std::vector<char> below = values_below(network, target_value(target, network));
    ValueId last = 0;
    for (std::size_t i = 0; i < network.nodes().size(); ++i) {
        const bool convolution = network.nodes()[i].layer->kind() == Kind::convolution;
        if (below[i + 1] && convolution && has_places(network, i + 1)) last = i + 1;
    }
    if (last == 0) return 0;
    for (std::size_t i = last; i < network.nodes().size(); ++i) {
        const Node& node = network.nodes()[i];
        if (below[i + 1] && node.layer->kind() == Kind::activation && node.inputs.front() == last) return i + 1;
    }
    return last;
}

namespace {

void check_below(std::string_view method, const Network& network, const Target& target, ValueId layer) {
    const ValueId top = target_value(target, network);
    if (layer <= top && values_below(network, top)[layer]) return;
    fail(ErrorCode::bad_argument, "{}: the layer '{}' does not lie below the target '{}', which cannot depend on it",
         method, network.name(layer), target.text());
}

}  // namespace

ValueId spatial_layer(std::string_view method, const Network& network, const Target& target, const std::string& name) {
    const ValueId maps = last_feature_maps(network, target);
    if (name.empty() && maps == 0) {
        fail(ErrorCode::unsupported, "{} needs a convolution, and there is none below the target '{}'", method,
             target.text());
    }
    const ValueId layer = name.empty() ? maps : network.find(name);
    check_below(method, network, target, layer);
    if (!has_places(network, layer)) {
        fail(ErrorCode::bad_argument,
             "{}: the layer '{}' has no rows and columns, so that its map would say nothing of where; a "
             "convolution's or a pool's output is right, such as {}",
             method, network.name(layer), network.name(maps));
    }
    return layer;
}

ValueId layer_below(std::string_view method, const Network& network, const Target& target, const std::string& name) {
    ValueId layer = name.empty() ? last_feature_maps(network, target) : network.find(name);
    if (name.empty() && layer == 0) {
        const std::vector<char> below = values_below(network, target_value(target, network));
        while (layer + 1 < below.size() && !below[++layer]) {
        }
    }
    check_below(method, network, target, layer);
    return layer;
}

std::string unit_name(const Shape& shape, std::size_t unit) {
    const std::size_t channel = unit % shape[3], place = unit / shape[3];
    if (shape[1] * shape[2] == 1) return std::to_string(channel);
    return std::to_string(channel) + "," + std::to_string(place / shape[2]) + "," + std::to_string(place % shape[2]);
}

std::vector<std::string> channel_names(std::size_t channels) {
    std::vector<std::string> names;
    for (std::size_t c = 0; c < channels; ++c) names.push_back(std::to_string(c));
    return names;
}

Scores layer_scores(const Network& network, ValueId layer, bool by_unit, std::size_t samples) {
    const Shape& shape = network.shape(layer);
    Scores scores{by_unit ? std::vector<std::string>() : channel_names(shape[3]), {}, std::string(network.name(layer))};
    for (std::size_t unit = 0; by_unit && unit < sample_size(shape); ++unit)
        scores.groups.push_back(unit_name(shape, unit));
    scores.values = zeros({samples, 1, 1, scores.groups.size()});
    return scores;
}

}  // namespace pellucid::methods
