// A Network → an ONNX file.
//
// Every value gets a form first: which axes it has in ONNX, and whether its numbers have another order there because a
// Flatten goes through (c, h, w). A Dense or BatchNorm takes that order up into its weights. Where nothing can (an Add
// of features in both orders, a network that ends in a flattened image), each Flatten gets a Transpose to (N, H, W, C)
// before it, after which both orders are the same.

#include "pellucid/data/file.hpp"
#include "pellucid/nn/onnx.hpp"
#include "pellucid/nn/onnx/exporter.hpp"

#include <array>
#include <cmath>

namespace pellucid {
namespace onnx {

void Exporter::write(const Node& node, ValueId id) {
    const Layer& layer = *node.layer;
    const Written& input = values_[node.inputs[0]];
    switch (layer.kind()) {
        case Kind::convolution:
        case Kind::dense: return write_weighted(node, id);
        case Kind::max_pool:
        case Kind::average_pool: return write_window(node, id);
        case Kind::add: return write_add(node, id);
        case Kind::concat: return write_concat(node, id);
        case Kind::batch_norm:
            if (const auto* affine = dynamic_cast<const Affine*>(&layer)) return write_affine(node, *affine, id);
            return write_batch_norm(node, dynamic_cast<const BatchNorm&>(layer), id);
        case Kind::resample:
            if (const auto* pad = dynamic_cast<const Pad*>(&layer)) return write_pad(node, *pad, id);
            return write_resize(node, dynamic_cast<const Resize&>(layer), id);
        case Kind::softmax: return add(node, id, {input.name}, input.form, {{"axis", std::int64_t{1}}});
        case Kind::activation: return write_activation(node, dynamic_cast<const Activation&>(layer), id);
        case Kind::pass_through:
            if (const auto* dropout = dynamic_cast<const Dropout*>(&layer)) {
                const float rate = dropout->rate();
                return add(node, id, {input.name, store(node, "ratio", {}, std::span(&rate, 1))}, input.form);
            }
            return write_flatten(node, id);
    }
    fail(ErrorCode::internal, "node '{}' ({}) cannot be written as ONNX", node.name, layer.op());
}

void Exporter::write_flatten(const Node& node, ValueId id) {
    const Written& input = values_[node.inputs[0]];
    Form form = flattened(input.form, network_.shape(node.inputs[0]));
    std::string from = input.name;
    if (channels_last_ && input.form.axes == Axes::nchw && form.is_reordered()) {
        const std::string name = unique(node.name + "_transpose");
        graph_.add_node("Transpose", name, {from}, name, {{"perm", Dims{0, 2, 3, 1}}});
        from = name;
        form = {Axes::vector, {}};
    }
    add(node, id, {from}, form, {{"axis", std::int64_t{1}}});
}

void Exporter::write_add(const Node& node, ValueId id) {
    const Form &a = values_[node.inputs[0]].form, &b = values_[node.inputs[1]].form;
    if (a.axes == Axes::nchw && b.axes == Axes::nchw) {
        return add(node, id, {values_[node.inputs[0]].name, values_[node.inputs[1]].name}, a);
    }
    // At least one is a vector, so both have a single pixel.
    if (a.is_reordered() || b.is_reordered()) fits_ = fits_ && a == b;
    const std::string first = vector(node, node.inputs[0]), second = vector(node, node.inputs[1]);
    add(node, id, {first, second}, a.axes == Axes::vector ? a : b);
}

void Exporter::write_pad(const Node& node, const Pad& layer, ValueId id) {
    const auto& [top, left, bottom, right] = layer.padding();
    const std::string from = image(node, node.inputs[0]);
    const std::string stored = store(node, "pads", {0, 0, whole(top), whole(left), 0, 0, whole(bottom), whole(right)});
    const std::string_view mode = layer.mode() == Pad::Mode::zeros  ? "constant"
                                  : layer.mode() == Pad::Mode::edge ? "edge"
                                                                    : "reflect";
    add(node, id, {from, stored}, {}, {{"mode", mode}});
}

void Exporter::write_concat(const Node& node, ValueId id) {
    const Form &a = values_[node.inputs[0]].form, &b = values_[node.inputs[1]].form;
    if (a.axes == Axes::nchw && b.axes == Axes::nchw) {
        return add(node, id, {values_[node.inputs[0]].name, values_[node.inputs[1]].name}, a,
                   {{"axis", std::int64_t{1}}});
    }
    if (a.is_reordered() || b.is_reordered()) fits_ = false;
    const std::string first = vector(node, node.inputs[0]), second = vector(node, node.inputs[1]);
    add(node, id, {first, second}, {Axes::vector, {}}, {{"axis", std::int64_t{1}}});
}

/// Functions that operator set 17 does not have are written as the nodes that make them up.
void Exporter::write_activation(const Node& node, const Activation& layer, ValueId id) {
    using enum Activation::Function;
    const Written input = values_[node.inputs[0]];
    const std::string& x = input.name;
    const auto last = [&](std::string_view op, const std::vector<std::string>& inputs) {
        graph_.add_node(op, node.name, inputs, values_[id].name, {});
        values_[id].form = input.form;
    };
    switch (layer.function()) {
        case leaky_relu:
        case elu:
        case celu: return add(node, id, {x}, input.form, {{"alpha", layer.a()}});
        case selu: return add(node, id, {x}, input.form, {{"alpha", layer.a()}, {"gamma", layer.b()}});
        case hard_sigmoid: return add(node, id, {x}, input.form, {{"alpha", layer.a()}, {"beta", layer.b()}});
        case clip: {
            const std::string low = std::isfinite(layer.a()) ? number(node, "low", layer.a()) : "";
            const std::string high = std::isfinite(layer.b()) ? number(node, "high", layer.b()) : "";
            return add(node, id, high.empty() ? std::vector{x, low} : std::vector{x, low, high}, input.form);
        }
        case swish: return last("Mul", {x, step(node, "Sigmoid", {x})});
        case mish: return last("Mul", {x, step(node, "Tanh", {step(node, "Softplus", {x})})});
        case gelu:
        case gelu_tanh: {
            std::string inner;
            if (layer.function() == gelu) {
                inner = step(node, "Erf", {step(node, "Mul", {x, number(node, "root", 0.70710678F)})});
            } else {
                const std::string cubic =
                    step(node, "Mul",
                         {step(node, "Pow", {x, number(node, "three", 3.0F)}), number(node, "cubic", 0.044715F)});
                inner = step(node, "Mul", {step(node, "Add", {x, cubic}), number(node, "slope", 0.79788456F)});
                inner = step(node, "Tanh", {inner});
            }
            const std::string half = step(node, "Mul", {x, number(node, "half", 0.5F)});
            return last("Mul", {half, step(node, "Add", {inner, number(node, "one", 1.0F)})});
        }
        default: return add(node, id, {x}, input.form);
    }
}

void Exporter::write_resize(const Node& node, const Resize& layer, ValueId id) {
    const bool nearest = layer.mode() == Resize::Mode::nearest;
    const std::string from = image(node, node.inputs[0]);
    const std::array<float, 4> scales{1.0F, 1.0F, layer.scale_h(), layer.scale_w()};
    const std::string stored = store(node, "scales", {4}, scales);
    Attributes attributes{{"mode", std::string_view(nearest ? "nearest" : "linear")},
                          {"coordinate_transformation_mode", std::string_view(nearest ? "asymmetric" : "half_pixel")}};
    if (nearest) attributes.emplace_back("nearest_mode", std::string_view("floor"));
    add(node, id, {from, "", stored}, {}, attributes);
}

}  // namespace onnx

std::string write_onnx(const Network& network) {
    if (network.nodes().empty()) fail(ErrorCode::bad_argument, "a network without layers cannot be written as ONNX");
    if (auto file = onnx::Exporter(network, false).run()) return *file;
    if (auto file = onnx::Exporter(network, true).run()) return *file;
    fail(ErrorCode::internal, "the features of the network have no common order in ONNX");
}

void save_onnx(const Network& network, const std::string& path) {
    const std::string bytes = write_onnx(network);
    write_file(path, {reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()});
}

}  // namespace pellucid
