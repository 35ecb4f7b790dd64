#include "pellucid/train/architecture.hpp"

#include "pellucid/error.hpp"
#include "pellucid/nn/frame.hpp"
#include "pellucid/nn/layers.hpp"

#include <algorithm>
#include <cstdint>
#include <initializer_list>

namespace pellucid::train {

std::span<const LayerType> layer_types() {
    static const std::vector<LayerType> types = {
        {"conv", {"channels", "kernel", "stride", "padding"}},
        {"conv_transpose", {"channels", "kernel", "stride", "padding"}},
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

constexpr std::uint64_t most_values = std::uint64_t{1} << 26U;
constexpr std::uint64_t most_values_in_all = std::uint64_t{1} << 28U;
#ifdef FUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION
constexpr std::uint64_t most_weights = std::uint64_t{1} << 14U;
#else
constexpr std::uint64_t most_weights = std::uint64_t{1} << 26U;
#endif

/// The product, or `most` + 1 where it is larger; size_t has 32 bits in WebAssembly.
std::uint64_t product_up_to(std::uint64_t most, std::initializer_list<std::uint64_t> factors) {
    std::uint64_t result = 1;
    for (const std::uint64_t factor : factors) {
        if (factor == 0) return 0;
        result = result > most / factor ? most + 1 : result * factor;
    }
    return result;
}

/// Refuses a layer whose weights would fill the memory, before there are any; `total` counts them.
void count_weights(const LayerSpec& spec, const Shape& input, std::uint64_t& total) {
    const bool conv = spec.type == "conv" || spec.type == "conv_transpose";
    if (!conv && spec.type != "dense") return;
    const std::uint64_t kernel = conv ? spec.size : 1;
    total += product_up_to(most_weights, {kernel, kernel, input[3], spec.units});
    if (total > most_weights)
        fail(ErrorCode::bad_argument, "layer {}: with it the network has more than {} weights", spec.name,
             most_weights);
}

Window window_of(const LayerSpec& spec) {
    const std::size_t stride = spec.stride != 0 ? spec.stride : spec.size;
    return {spec.size, spec.size, {stride, stride}, {}, false};
}

std::unique_ptr<Layer> make_layer(const LayerSpec& spec, const Shape& input) {
    const auto need = [&](std::size_t value, std::string_view what) {
        if (value == 0) fail(ErrorCode::bad_argument, "layer {}: {} must be at least 1", spec.name, what);
    };
    using enum Activation::Function;
    if (spec.type == "conv" || spec.type == "conv_transpose") {
        need(spec.units, "channels");
        need(spec.size, "kernel");
        const std::size_t stride = spec.stride != 0 ? spec.stride : 1;
        const std::size_t p = spec.padding;
        if (spec.type == "conv_transpose") {
            return std::make_unique<ConvTranspose2d>(zeros({spec.size, spec.size, input[3], spec.units}),
                                                     zeros({1, 1, 1, spec.units}), Stride{stride, stride},
                                                     Padding{p, p, p, p});
        }
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
    std::uint64_t weights = 0, values = 0;
    for (const LayerSpec& spec : layers) {
        std::vector<ValueId> inputs;
        for (const std::string& name : spec.inputs) inputs.push_back(network.find(name));
        if (inputs.empty()) inputs.push_back(network.output());
        if (spec.padding > 4096) fail(ErrorCode::bad_argument, "layer {}: padding must be at most 4096", spec.name);
        const Shape read = network.shape(inputs.front());
        count_weights(spec, read, weights);
        const Shape put = network.shape(network.add(spec.name, make_layer(spec, read), inputs));
        if (detail::frame_elements(*network.nodes().back().layer, read, put) > most_values)
            fail(ErrorCode::bad_argument, "layer {}: with its padding it would read more than {} values per image",
                 spec.name, most_values);
        const std::uint64_t more = product_up_to(most_values, {put[1], put[2], put[3]});
        values += more;
        if (more > most_values || values > most_values_in_all) {
            fail(ErrorCode::bad_argument,
                 "layer {}: its output of shape {} is too large: at most {} values per image, {} in all layers",
                 spec.name, to_string(put), most_values, most_values_in_all);
        }
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
