#include "pellucid/nn/onnx/plan.hpp"

#include "pellucid/error.hpp"

#include <algorithm>

namespace pellucid::onnx {
namespace {

/// Whether four axes (N, a, b, c) are (N, H, W, C): where the graph starts with the Transpose of channels-last exports,
/// or flattens at once something that only makes sense with the channels last. Normalisations and the like may stand
/// before.
bool is_channels_last(std::string_view name, const std::vector<std::size_t>& dims, const Plan& plan) {
    auto readers = plan.readers(name);
    for (std::size_t steps = plan.nodes().size(); steps > 0;
         --steps) {  // counted, since a damaged graph may be a cycle
        constexpr std::string_view keeping[] = {"Identity", "Mul", "Add", "Sub", "Div", "Clip", "Dropout"};
        if (readers.size() != 1 || readers[0] == nullptr || readers[0]->outputs.empty()) break;
        if (std::ranges::find(keeping, readers[0]->op) == std::end(keeping)) break;
        readers = plan.readers(readers[0]->outputs[0]);
    }
    const std::vector<std::int64_t> to_channels_first{0, 3, 1, 2};
    const auto is_colour = [](std::size_t channels) { return channels == 1 || channels == 3; };
    const bool looks_last = is_colour(dims[2]) && !is_colour(dims[0]);
    return !readers.empty() && std::ranges::all_of(readers, [&](const NodeProto* node) {
        if (node == nullptr) return false;
        if (node->op == "Reshape" || node->op == "Flatten") return looks_last;
        const auto perm = std::ranges::find(node->attributes, std::string_view("perm"), &AttributeProto::name);
        return node->op == "Transpose" && perm != node->attributes.end() && perm->ints == to_channels_first;
    });
}

/// The image (1, h, w, c) that a graph whose input is flat makes of it at once, by a Reshape to (·, c, h, w).
std::optional<Shape> image_of_flat(std::string_view name, std::uint64_t features, Constants& constants,
                                   const Plan& plan) {
    const auto readers = plan.readers(name);
    if (readers.size() != 1 || readers[0] == nullptr || readers[0]->op != "Reshape") return std::nullopt;
    const NodeProto& node = *readers[0];
    if (node.inputs.size() != 2 || !constants.has(node.inputs[1])) return std::nullopt;
    const Array& target = constants.get(node.inputs[1]);
    if (!target.is_integer || target.size() != 4) return std::nullopt;
    std::uint64_t count = 1;
    for (std::size_t i = 1; i < 4; ++i) {
        if (target.ints[i] < 1 || static_cast<std::uint64_t>(target.ints[i]) > longest_axis) return std::nullopt;
        count *= static_cast<std::uint64_t>(target.ints[i]);
    }
    if (count != features) return std::nullopt;
    const auto size = [&](std::size_t i) { return static_cast<std::size_t>(target.ints[i]); };
    return Shape{1, size(2), size(3), size(1)};
}

}  // namespace

Plan::Plan(const GraphProto& graph, const Constants& constants) {
    std::map<std::string_view, const NodeProto*> writers;
    std::string_view last;
    std::set<std::string_view> outputs;
    for (const ValueInfo& output : graph.outputs) outputs.insert(output.name);
    for (const NodeProto& node : graph.nodes) {
        for (const std::string_view name : node.outputs) {
            if (name.empty() || constants.holds(node)) continue;
            if (constants.has(name) || !writers.emplace(name, &node).second) {
                fail(ErrorCode::bad_file, "not a sound ONNX file: '{}' is written twice", shown(name));
            }
            if (outputs.contains(name)) last = name;
        }
    }
    for (const ValueInfo& input : graph.inputs) {
        if (writers.contains(input.name))
            fail(ErrorCode::bad_file, "not a sound ONNX file: '{}' is written twice", shown(input.name));
    }
    if (outputs.empty()) fail(ErrorCode::bad_file, "not a sound ONNX file: its graph has no output");
    if (last.empty()) fail(ErrorCode::bad_file, "no node writes the graph's output '{}'", shown(*outputs.begin()));
    result_ = last;

    // What the result needs, backwards; a node that nothing needs is not even looked at.
    std::set<std::string_view> wanted{last};
    for (auto node = graph.nodes.rbegin(); node != graph.nodes.rend(); ++node) {
        const bool needed =
            std::ranges::any_of(node->outputs, [&](std::string_view name) { return wanted.contains(name); });
        if (!needed || constants.holds(*node)) continue;
        nodes_.push_back(&*node);
        for (const std::string_view name : node->inputs) {
            wanted.insert(name);
            readers_[name].push_back(&*node);
        }
    }
    std::ranges::reverse(nodes_);
    for (const std::string_view output : outputs) {
        if (!wanted.contains(output)) {
            fail(ErrorCode::unsupported,
                 "the graph has several outputs, and '{}' does not lie on the way to '{}'; networks with "
                 "one output are supported",
                 shown(output), shown(last));
        }
        if (output != last) readers_[output].push_back(nullptr);
    }
}

std::span<const NodeProto* const> Plan::readers(std::string_view name) const {
    const auto found = readers_.find(name);
    return found == readers_.end() ? std::span<const NodeProto* const>{} : found->second;
}

const NodeProto* Plan::adder(const NodeProto& node, const Constants& constants) const {
    const bool can_take_up =
        node.op == "Conv" || node.op == "ConvTranspose" || node.op == "Gemm" || node.op == "MatMul";
    const auto found = can_take_up && !node.outputs.empty() ? readers(node.outputs[0]) : readers("");
    if (found.size() != 1 || found[0] == nullptr || node.outputs[0] == result_) return nullptr;
    const NodeProto& add = *found[0];
    if (add.op != "Add" || !add.domain.empty() || add.inputs.size() != 2 || add.outputs.size() != 1) return nullptr;
    return constants.has(add.inputs[0]) != constants.has(add.inputs[1]) ? &add : nullptr;
}

Input input_of(const GraphProto& graph, Constants& constants, const Plan& plan, bool ours) {
    std::vector<const ValueInfo*> inputs;
    for (const ValueInfo& input : graph.inputs) {
        if (!constants.has(input.name)) inputs.push_back(&input);  // old files list their weights as inputs, too
    }
    if (inputs.size() != 1)
        fail(ErrorCode::unsupported, "the graph has {} inputs; networks with one are supported", inputs.size());
    const ValueInfo& info = *inputs[0];
    const std::string name = shown(info.name);
    if (info.type != field::tensor::FLOAT && info.type != field::tensor::DOUBLE) {
        fail(ErrorCode::unsupported, "input '{}' is of no supported type: float is", name);
    }
    if (!info.axes || (info.axes->size() != 4 && info.axes->size() != 2)) {
        fail(ErrorCode::unsupported, "input '{}' has {}; supported: (N, C, H, W) and (N, F)", name,
             info.axes ? fmt::format("{} axes", info.axes->size()) : "unknown axes");
    }
    Input input{info.name, {}, {}, {}};
    const auto& axes = *info.axes;
    if (axes[0] && *axes[0] > 0) input.batch = axes[0];
    if (input.batch && static_cast<std::uint64_t>(*input.batch) > longest_axis) {
        fail(ErrorCode::bad_file, "input '{}' is a batch of {} images; right is up to {}", name, *input.batch,
             longest_axis);
    }
    std::vector<std::size_t> dims;
    std::uint64_t count = 1;
    for (std::size_t i = 1; i < axes.size(); ++i) {
        if (!axes[i])
            fail(ErrorCode::unsupported, "input '{}' leaves its axis {} open; only the batch's size, axis 0, may be",
                 name, i);
        if (*axes[i] < 1 || static_cast<std::uint64_t>(*axes[i]) > longest_axis) {
            fail(ErrorCode::bad_file, "axis {} of input '{}' has {} elements; right is 1 … {}", i, name, *axes[i],
                 longest_axis);
        }
        dims.push_back(static_cast<std::size_t>(*axes[i]));
        count *= dims.back();
    }
    if (count > most_elements)
        fail(ErrorCode::bad_file, "input '{}' has {} elements, more than the limit of {}", name, count, most_elements);
    const auto image = dims.size() == 1 && !ours ? image_of_flat(info.name, count, constants, plan) : std::nullopt;
    if (image) {
        input.shape = *image;  // the Reshape then changes nothing
    } else if (dims.size() == 1) {
        input.shape = {1, 1, 1, dims[0]};
        input.form.axes = Axes::vector;
    } else if (!ours && is_channels_last(info.name, dims, plan)) {
        input.shape = {1, dims[0], dims[1], dims[2]};
        input.form.axes = Axes::nhwc;
    } else {
        input.shape = {1, dims[1], dims[2], dims[0]};
    }
    return input;
}

}  // namespace pellucid::onnx
