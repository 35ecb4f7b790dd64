#include "pellucid/train/architecture.hpp"

#include "pellucid/error.hpp"
#include "pellucid/nn/layers.hpp"

#include <algorithm>

namespace pellucid::train {

std::span<const LayerType> layer_types() {
    static const std::vector<LayerType> types = {
        {"conv", {"channels", "kernel", "stride", "padding"}},
        {"dense", {"units"}},
        {"relu", {}},
        {"leaky_relu", {"slope"}},
        {"sigmoid", {}},
        {"tanh", {}},
        {"max_pool", {"size", "stride"}},
        {"average_pool", {"size", "stride"}},
        {"global_average_pool", {}},
        {"flatten", {}},
        {"dropout", {"rate"}},
        {"add", {}},
    };
    return types;
}

namespace {

Window window_of(const LayerSpec& spec) {
    const std::size_t stride = spec.stride != 0 ? spec.stride : spec.size;
    return {spec.size, spec.size, {stride, stride}, {}, false};
}

std::unique_ptr<Layer> make_layer(const LayerSpec& spec, const Shape& input) {
    const auto need = [&](std::size_t value, std::string_view what) {
        if (value == 0) fail(ErrorCode::bad_argument, "layer {}: {} must be at least 1", spec.name, what);
    };
    using enum Activation::Function;
    if (spec.type == "conv") {
        need(spec.units, "channels");
        need(spec.size, "kernel");
        const std::size_t stride = spec.stride != 0 ? spec.stride : 1;
        const std::size_t p = spec.padding;
        return std::make_unique<Conv2d>(zeros({spec.size, spec.size, input[3], spec.units}),
                                        zeros({1, 1, 1, spec.units}), Stride{stride, stride}, Padding{p, p, p, p});
    }
    if (spec.type == "dense") {
        need(spec.units, "units");
        if (input[1] != 1 || input[2] != 1) {
            fail(ErrorCode::bad_argument, "layer {}: a dense layer reads a vector, not {}; put a flatten before it",
                 spec.name, to_string(input));
        }
        return std::make_unique<Dense>(zeros({1, 1, input[3], spec.units}), zeros({1, 1, 1, spec.units}));
    }
    if (spec.type == "relu") return std::make_unique<Activation>(relu);
    if (spec.type == "leaky_relu") return std::make_unique<Activation>(leaky_relu, spec.rate);
    if (spec.type == "sigmoid") return std::make_unique<Activation>(sigmoid);
    if (spec.type == "tanh") return std::make_unique<Activation>(tanh);
    if (spec.type == "max_pool" || spec.type == "average_pool") {
        need(spec.size, "size");
        if (spec.type == "max_pool") return std::make_unique<MaxPool2d>(window_of(spec));
        return std::make_unique<AveragePool2d>(window_of(spec));
    }
    if (spec.type == "global_average_pool") return std::make_unique<GlobalAveragePool>();
    if (spec.type == "flatten") return std::make_unique<Flatten>();
    if (spec.type == "dropout") return std::make_unique<Dropout>(spec.rate);
    if (spec.type == "add") return std::make_unique<Add>();
    std::string known;
    for (const LayerType& type : layer_types()) known += fmt::format("{}{}", known.empty() ? "" : ", ", type.type);
    fail(ErrorCode::bad_argument, "layer {}: there is no type \"{}\"; types are {}", spec.name, spec.type, known);
}

}  // namespace

Network build_network(const Shape& input, std::span<const LayerSpec> layers) {
    if (layers.empty()) fail(ErrorCode::bad_argument, "a network needs at least one layer");
    Network network(input);
    for (const LayerSpec& spec : layers) {
        std::vector<ValueId> inputs;
        for (const std::string& name : spec.inputs) inputs.push_back(network.find(name));
        if (inputs.empty()) inputs.push_back(network.output());
        network.add(spec.name, make_layer(spec, network.shape(inputs.front())), inputs);
    }
    return network;
}

Network without_dropout(const Network& network) {
    Network result(network.input_shape());
    result.metadata = network.metadata;
    std::vector<ValueId> place(network.nodes().size() + 1, 0);
    for (std::size_t node = 0; node < network.nodes().size(); ++node) {
        const Node& old = network.nodes()[node];
        if (dynamic_cast<const Dropout*>(old.layer.get()) != nullptr) {
            place[node + 1] = place[old.inputs.front()];
            continue;
        }
        std::vector<ValueId> inputs;
        for (const ValueId id : old.inputs) inputs.push_back(place[id]);
        place[node + 1] = result.add(old.name, old.layer->clone(), inputs);
    }
    return result;
}

}  // namespace pellucid::train
