// The graph of an ONNX file → a Network, node by node in the order of the file.

#include "pellucid/data/file.hpp"
#include "pellucid/nn/frame.hpp"
#include "pellucid/nn/onnx.hpp"
#include "pellucid/nn/onnx/plan.hpp"
#include "pellucid/nn/onnx/site.hpp"

#include <algorithm>
#include <cmath>

namespace pellucid {
namespace onnx {
namespace {

constexpr std::int64_t oldest_opset = 11, newest_opset = 21;
constexpr std::uint64_t most_elements_in_all = std::uint64_t{1} << 28U;

constexpr Operator operators[] = {
    {"Add", "add", 2, build_add},
    {"AveragePool", "pool", 1, build_average_pool},
    {"BatchNormalization", "norm", 5, build_batch_norm},
    {"Concat", "", 16, build_concat},
    {"Conv", "conv", 3, build_conv},
    {"ConvTranspose", "conv_transpose", 3, build_conv_transpose},
    {"Dropout", "dropout", 3, build_dropout},
    {"Flatten", "flatten", 1, build_flatten},
    {"Gather", "", 2, build_gather},
    {"Gemm", "dense", 3, build_dense},
    {"GlobalAveragePool", "pool", 1, build_global_average_pool},
    {"Identity", "identity", 1, build_identity},
    {"LeakyRelu", "leaky_relu", 1, build_activation},
    {"MatMul", "dense", 2, build_dense},
    {"MaxPool", "pool", 1, build_max_pool},
    {"ReduceMean", "pool", 2, build_reduce_mean},
    {"Relu", "relu", 1, build_activation},
    {"Reshape", "flatten", 2, build_reshape},
    {"Resize", "resize", 4, build_resize},
    {"Shape", "", 1, build_shape},
    {"Sigmoid", "sigmoid", 1, build_activation},
    {"Softmax", "softmax", 1, build_softmax},
    {"Squeeze", "squeeze", 2, build_squeeze},
    {"Tanh", "tanh", 1, build_activation},
    {"Transpose", "transpose", 1, build_transpose},
    {"Unsqueeze", "", 2, build_unsqueeze},
};

const Operator& operator_of(const NodeProto& node) {
    const bool standard = node.domain.empty() || node.domain == "ai.onnx";
    const auto* found = std::ranges::find(operators, node.op, &Operator::op);
    if (standard && found != std::end(operators)) return *found;
    std::string supported = "Constant";
    for (const Operator& known : operators) supported += fmt::format(", {}", known.op);
    fail(ErrorCode::unsupported, "{}{} is not supported; supported: {}", describe(node),
         standard ? "" : fmt::format(" of the operator set '{}'", shown(node.domain)), supported);
}

int opset_of(const ModelProto& model) {
    const auto found =
        std::ranges::find_if(model.opsets, [](const auto& set) { return set.first.empty() || set.first == "ai.onnx"; });
    if (found == model.opsets.end())
        fail(ErrorCode::bad_file, "not a sound ONNX file: it names no version of ONNX's operators");
    if (found->second < oldest_opset || found->second > newest_opset) {
        fail(ErrorCode::unsupported,
             "the file uses ONNX operator set {}; supported are {} to {}: convert it or export it again", found->second,
             oldest_opset, newest_opset);
    }
    return static_cast<int>(found->second);
}

/// Names for nodes: their own where they have one that is free, else the operator's with a number.
class Names {
public:
    explicit Names(const std::vector<const NodeProto*>& nodes) {
        for (const NodeProto* node : nodes) given_.insert(node->name);
        taken_.insert("input");
    }

    std::string next(const NodeProto& node, std::string_view prefix) {
        std::string name(node.name);
        std::size_t& count = counts_[std::string(node.name.empty() ? prefix : node.name)];
        if (node.name.empty()) {
            do name = fmt::format("{}{}", prefix, ++count);
            while (given_.contains(name) || taken_.contains(name));
        }
        for (count = std::max<std::size_t>(count, 1); taken_.contains(name);)
            name = fmt::format("{}_{}", node.name, ++count);
        taken_.insert(name);
        return name;
    }

private:
    std::set<std::string_view> given_;
    std::set<std::string, std::less<>> taken_;
    std::map<std::string, std::size_t> counts_;  ///< of a prefix or name: how often it was asked for
};

/// Refuses a layer whose output would be too large, before anything of that size exists.
void check_size(const Shape& shape, std::uint64_t& total, const NodeProto& node) {
    std::uint64_t count = 1;
    for (const std::size_t axis : {shape[1], shape[2], shape[3]}) {
        count = axis > longest_axis ? most_elements + 1 : std::min(count * axis, most_elements + 1);
    }
    total += count;
    if (count > most_elements || total > most_elements_in_all) {
        fail(ErrorCode::bad_file,
             "{}: its output of shape {} is too large: at most {} elements per image, {} in all layers", describe(node),
             to_string(shape), most_elements, most_elements_in_all);
    }
}

/// A ReLU can swallow a NaN, and the wrong answer then looks like any other.
void check_weights(const Tensor& weights, const NodeProto& node) {
    const auto numbers = elements(weights);
    const auto bad = std::ranges::find_if(numbers, [](float v) { return !std::isfinite(v); });
    if (bad == numbers.end()) return;
    fail(ErrorCode::bad_file, "{}: its weights hold {}; every weight must be a finite number", describe(node), *bad);
}

Network import(const ModelProto& model, std::size_t file_size) {
    if (!model.graph) fail(ErrorCode::bad_file, "not an ONNX file: it holds no graph");
    const GraphProto& graph = *model.graph;
    const int opset = opset_of(model);
    if (graph.has_sparse_initializers)
        fail(ErrorCode::unsupported, "the file holds sparse weights; supported: dense ones");
    Budget budget(file_size);
    Constants constants(graph, budget);
    const Plan plan(graph, constants);
    const Input input = input_of(graph, constants, plan, model.producer == "pellucid");

    Network network(input.shape);
    std::map<std::string_view, Value> values{{input.name, {0, input.form}}};
    std::map<std::string_view, std::vector<std::int64_t>> sizes;
    const Scope scope{opset, input.batch, constants, network, values, sizes};
    Names names(plan.nodes());
    std::set<const NodeProto*> taken_up;
    std::uint64_t elements = 0;
    for (const NodeProto* node : plan.nodes()) {
        if (taken_up.contains(node)) continue;
        const Operator& known = operator_of(*node);
        const NodeProto* adder = plan.adder(*node, constants);
        Site site(*node, adder, scope);
        if (node->inputs.size() > known.most_inputs) {
            site.unsound("it reads {} values; right are at most {}", node->inputs.size(), known.most_inputs);
        }
        Value value;
        try {
            Built built = known.build(site);
            site.refuse_unknown_attributes();
            if (built.sizes) {
                sizes[node->outputs[0]] = *std::move(built.sizes);
                continue;
            }
            value = {site.value(0).id, built.form};
            if (built.layer) {
                std::vector<ValueId> ids{value.id};
                if (built.layer->kind() == Kind::add) ids.push_back(site.value(1).id);
                std::vector<Shape> shapes;
                for (const ValueId id : ids) shapes.push_back(network.shape(id));
                const Shape output = built.layer->output_shape(shapes);
                check_size(output, elements, *node);
                if (detail::frame_elements(*built.layer, shapes[0], output) > most_elements)
                    site.unsound("with its padding it would read more than {} elements per image", most_elements);
                for (const Parameter& parameter : built.layer->parameters()) {
                    budget.spend(parameter.value->size());
                    check_weights(*parameter.value, *node);
                }
                value.id = network.add(names.next(*node, known.prefix), std::move(built.layer), std::move(ids));
            }
        } catch (const Error& error) {
            // What a layer refuses of its arguments or shapes was wrong in the file.
            if (error.code() == ErrorCode::bad_file || error.code() == ErrorCode::unsupported) throw;
            fail(ErrorCode::bad_file, "{}: {}", describe(*node), error.what());
        }
        // A second output (a pool's places, a Dropout's mask) stays unknown, and so refuses who reads it.
        values[node->outputs[0]] = value;
        if (adder != nullptr) {
            values[adder->outputs[0]] = value;
            taken_up.insert(adder);
        }
    }
    const auto result = values.find(plan.result());
    if (result == values.end())
        fail(ErrorCode::unsupported, "the graph's output '{}' is no value of the network, but sizes or a side output",
             shown(plan.result()));
    if (network.nodes().empty()) fail(ErrorCode::bad_file, "the graph computes nothing");
    if (result->second.form.is_reordered()) {
        fail(ErrorCode::unsupported,
             "the network ends in a flattened image, whose numbers have another order here; supported is an "
             "output of a Conv, Gemm or MatMul, or a Transpose to (N, H, W, C) before the Flatten");
    }
    for (const auto& [key, text] : model.metadata) network.metadata[std::string(key)] = std::string(text);
    return network;
}

}  // namespace
}  // namespace onnx

Network read_onnx(std::span<const std::byte> file) { return onnx::import(onnx::parse(file), file.size()); }

Network load_onnx(const std::string& path) {
    const Bytes bytes = read_file(path);
    try {
        return read_onnx(std::as_bytes(std::span(bytes)));
    } catch (const Error& error) {
        fail(error.code(), "{}: {}", path, error.what());
    }
}

}  // namespace pellucid
