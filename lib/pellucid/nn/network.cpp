#include "pellucid/nn/network.hpp"

#include "pellucid/error.hpp"
#include "pellucid/nn/check_input.hpp"
#include "pellucid/nn/prepare_record.hpp"

#include <algorithm>

namespace pellucid {

namespace {

constexpr std::string_view input_name = "input";

/// A seed per node, so that two dropouts of one pass draw different masks (splitmix64's finaliser). As it is for ever:
/// the weights that a recipe with dropout gives follow from it.
std::uint32_t node_seed(std::uint32_t seed, std::size_t node) {
    std::uint64_t bits = (static_cast<std::uint64_t>(seed) << 32U) + node + 0x9E3779B97F4A7C15U;
    bits = (bits ^ (bits >> 30U)) * 0xBF58476D1CE4E5B9U;
    bits = (bits ^ (bits >> 27U)) * 0x94D049BB133111EBU;
    return static_cast<std::uint32_t>(bits >> 32U);
}

/// One sample of 8 GB: far beyond any network, and small enough that sizes can be multiplied.
constexpr std::uint64_t most_elements_of_value = std::uint64_t{1} << 31U;

bool is_too_large(const Shape& shape) {
    std::uint64_t left = most_elements_of_value;
    for (const std::size_t axis : {shape[1], shape[2], shape[3]}) {
        if (axis > left) return true;
        left = axis == 0 ? left : left / axis;
    }
    return false;
}

std::string known_names(const Network& network) {
    std::string names(input_name);
    for (const Node& node : network.nodes()) names += ", " + node.name;
    return names;
}

}  // namespace

std::span<const Tensor* const> inputs_of(const Node& node, std::span<const Tensor> values, LayerInputs& storage) {
    for (std::size_t i = 0; i < node.inputs.size(); ++i) storage[i] = &values[node.inputs[i]];
    return {storage.data(), node.inputs.size()};
}

Network::Network(const Shape& input) : shapes_{input}, readers_(1) {
    if (input[0] != 1 || input[1] == 0 || input[2] == 0 || input[3] == 0) {
        fail(ErrorCode::bad_shape, "a network cannot read {}: the shape of one sample, (1, h, w, c), is wanted",
             to_string(input));
    }
    if (is_too_large(input)) {
        fail(ErrorCode::bad_shape, "a network cannot read {}: a sample has at most {} numbers", to_string(input),
             most_elements_of_value);
    }
}

Network::Network(const Network& other)
    : metadata(other.metadata),
      shapes_(other.shapes_),
      readers_(other.readers_),
      places_(other.places_),
      aliases_(other.aliases_) {
    nodes_.reserve(other.nodes_.size());
    for (const Node& node : other.nodes_) nodes_.push_back({node.name, node.layer->clone(), node.inputs});
}

ValueId Network::add(std::string name, std::unique_ptr<Layer> layer, std::vector<ValueId> inputs) {
    if (name.empty()) fail(ErrorCode::bad_argument, "a node needs a name");
    if (layer == nullptr) fail(ErrorCode::bad_argument, "node \"{}\" has no layer", name);
    if (name == input_name || places_.contains(name))
        fail(ErrorCode::bad_argument, "the name \"{}\" is taken: {}", name, known_names(*this));

    if (inputs.empty()) inputs.push_back(output());
    const bool joins = layer->kind() == Kind::add || layer->kind() == Kind::concat;
    const std::size_t wanted = joins ? 2 : 1;
    if (inputs.size() != wanted) {
        fail(ErrorCode::bad_argument, "node \"{}\" ({}) reads {} values, not {}", name, layer->op(), wanted,
             inputs.size());
    }
    std::vector<Shape> shapes;
    for (const ValueId value : inputs) {
        if (value > output()) {
            fail(ErrorCode::bad_argument, "node \"{}\" cannot read value {}: the newest one is {}", name, value,
                 output());
        }
        shapes.push_back(shape(value));
    }
    try {
        const Shape shape = layer->output_shape(shapes);
        if (is_too_large(shape)) {
            fail(ErrorCode::bad_shape, "an output of shape {} is too large: at most {} numbers a sample",
                 to_string(shape), most_elements_of_value);
        }
        shapes_.push_back(shape);
    } catch (const Error& error) {
        fail(error.code(), "node \"{}\": {}", name, error.what());
    }
    for (const ValueId value : inputs) readers_[value].push_back(nodes_.size());
    readers_.emplace_back();
    places_[name] = nodes_.size() + 1;
    nodes_.push_back({std::move(name), std::move(layer), std::move(inputs)});
    return output();
}

ValueId Network::find(std::string_view name) const {
    if (name == input_name) return 0;
    if (const auto found = places_.find(name); found != places_.end()) return found->second;
    if (const auto alias = aliases_.find(name); alias != aliases_.end()) return alias->second;
    fail(ErrorCode::bad_argument, "there is no layer \"{}\"; there are: {}", name, known_names(*this));
}

std::string_view Network::name(ValueId value) const {
    if (value > output()) {
        fail(ErrorCode::bad_argument, "there is no value {}: the last one is {}", value, output());
    }
    return value == 0 ? input_name : std::string_view(nodes_[value - 1].name);
}

void detail::check_input(const Network& network, const Tensor& input) {
    const Shape& one = network.input_shape();
    const bool empty = input.shape()[0] == 0;
    if (empty || with_batch(input.shape(), 1) != one) {
        fail(ErrorCode::bad_shape, "a network that reads (N, {}, {}, {}) cannot read {}{}", one[1], one[2], one[3],
             to_string(input.shape()), empty ? ": the batch is empty" : "");
    }
}

Record& detail::prepare_record(Trace& trace, std::size_t node) {
    Record& record = trace.records[node];
    record.training = trace.training;
    record.seed = node_seed(trace.seed, node);
    return record;
}

void Network::forward(const Tensor& input, Trace& trace, ValueId until) const {
    detail::check_input(*this, input);
    if (until > output()) {
        fail(ErrorCode::bad_argument, "there is no value {}: the last one is {}", until, output());
    }
    trace.values.resize(shapes_.size());
    trace.records.resize(nodes_.size());
    if (&input != trace.values.data()) {
        reshape_to(trace.values[0], input.shape());
        std::copy_n(input.data(), input.size(), trace.values[0].data());
    }
    for (std::size_t i = 0; i < until; ++i) {
        const Node& node = nodes_[i];
        LayerInputs storage;
        const auto inputs = inputs_of(node, trace.values, storage);
        Record& record = detail::prepare_record(trace, i);
        reshape_to(trace.values[i + 1], with_batch(shapes_[i + 1], input.shape()[0]));
        node.layer->forward(inputs, trace.values[i + 1], record);
    }
}

Step Network::step(const Trace& trace, std::size_t node, LayerInputs& storage) const {
    return {inputs_of(nodes_[node], trace.values, storage), trace.values[node + 1], trace.records[node]};
}

std::size_t Network::parameter_count() const {
    std::size_t count = 0;
    for (const Node& node : nodes_) {
        for (const Parameter& parameter : node.layer->parameters()) count += parameter.value->size();
    }
    return count;
}

std::vector<char> values_below(const Network& network, ValueId top) {
    std::vector<char> wanted(network.nodes().size() + 1, 0);
    wanted[top] = 1;
    for (ValueId value = top; value > 0; --value) {
        if (!wanted[value]) continue;
        for (const ValueId input : network.nodes()[value - 1].inputs) wanted[input] = 1;
    }
    return wanted;
}

Network network_below(const Network& network, ValueId top) {
    const std::vector<char> wanted = values_below(network, top);
    Network part(network.input_shape());
    part.metadata = network.metadata;
    std::vector<ValueId> place(top + 1, 0);  // of an old value in the new network
    for (ValueId value = 1; value <= top; ++value) {
        if (!wanted[value]) continue;
        const Node& node = network.nodes()[value - 1];
        std::vector<ValueId> inputs;
        for (const ValueId input : node.inputs) inputs.push_back(place[input]);
        place[value] = part.add(node.name, node.layer->clone(), std::move(inputs));
    }
    return part;
}

}  // namespace pellucid
