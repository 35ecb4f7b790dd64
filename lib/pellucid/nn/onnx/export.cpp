// A Network → an ONNX file.
//
// Every value gets a form first: which axes it has in ONNX, and whether its numbers have another order there because a
// Flatten goes through (c, h, w). A Dense or BatchNorm takes that order up into its weights. Where nothing can (an Add
// of features in both orders, a network that ends in a flattened image), each Flatten gets a Transpose to (N, H, W, C)
// before it, after which both orders are the same.

#include "pellucid/data/file.hpp"
#include "pellucid/error.hpp"
#include "pellucid/nn/layers.hpp"
#include "pellucid/nn/onnx.hpp"
#include "pellucid/nn/onnx/form.hpp"
#include "pellucid/nn/onnx/proto_writer.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <set>

namespace pellucid {
namespace onnx {
namespace {

std::int64_t whole(std::size_t size) { return static_cast<std::int64_t>(size); }
Dims pair(Stride stride) { return {whole(stride.h), whole(stride.w)}; }
Dims pads(const Padding& padding) {
    return {whole(padding.top), whole(padding.left), whole(padding.bottom), whole(padding.right)};
}

/// (kh, kw, in, out) → (out, in, kh, kw) for a Conv, (in, out, kh, kw) for a ConvTranspose.
std::vector<float> kernel(const Tensor& weight, bool outputs_first) {
    const auto [h, w, inputs, outputs] = weight.shape();
    std::vector<float> result;
    result.reserve(weight.size());
    for (std::size_t a = 0; a < (outputs_first ? outputs : inputs); ++a) {
        for (std::size_t b = 0; b < (outputs_first ? inputs : outputs); ++b) {
            for (std::size_t y = 0; y < h; ++y) {
                for (std::size_t x = 0; x < w; ++x)
                    result.push_back(outputs_first ? weight(y, x, b, a) : weight(y, x, a, b));
            }
        }
    }
    return result;
}

/// The weights that there are of a convolution in groups or with a dilated kernel: (kh, kw, inputs of a group, outputs).
Tensor connected_kernel(const Conv2d& layer) {
    const Tensor& weight = layer.weight();
    const auto& [groups, dilation] = layer.connections();
    const auto [h, w, inputs, outputs] = weight.shape();
    Tensor result = zeros({(h - 1) / dilation.h + 1, (w - 1) / dilation.w + 1, inputs / groups, outputs});
    for (std::size_t y = 0; y < result.shape()[0]; ++y) {
        for (std::size_t x = 0; x < result.shape()[1]; ++x) {
            for (std::size_t i = 0; i < inputs / groups; ++i) {
                for (std::size_t o = 0; o < outputs; ++o) {
                    const std::size_t first = o / (outputs / groups) * (inputs / groups);
                    result(y, x, i, o) = weight(y * dilation.h, x * dilation.w, first + i, o);
                }
            }
        }
    }
    return result;
}

/// Features of a vector in the order that ONNX has them in: result[i] is the place of the i-th in ours.
std::vector<std::size_t> places_of(const Form& form, std::size_t features) {
    if (form.is_reordered()) return our_places(form.flattened);
    std::vector<std::size_t> places(features);
    for (std::size_t i = 0; i < features; ++i) places[i] = i;
    return places;
}

class Exporter {
public:
    Exporter(const Network& network, bool channels_last) : network_(network), channels_last_(channels_last) {}

    /// The file, or nothing where the orders of features do not fit without channels_last.
    std::optional<std::string> run() {
        const Shape& input = network_.input_shape();
        const bool ends_in_logits = network_.output() == network_.logits();
        taken_ = {"input"};
        const std::string output = unique(
            ends_in_logits || network_.nodes().empty() ? "logits" : std::string(network_.name(network_.output())));
        values_.push_back({"input", {input[1] * input[2] == 1 ? Axes::vector : Axes::nchw, {}}});
        for (std::size_t i = 0; i < network_.nodes().size(); ++i) {
            const Node& node = network_.nodes()[i];
            const bool last = i + 1 == network_.nodes().size();
            values_.push_back({last ? output : unique(node.name), {}});
            write(node, i + 1);
        }
        if (values_.back().form.is_reordered()) fits_ = false;
        if (!fits_) return std::nullopt;
        graph_.set_input("input", dims(0));
        graph_.set_output(values_.back().name, dims(network_.output()));
        return graph_.finish(network_.metadata);
    }

private:
    struct Written {
        std::string name;
        Form form;
    };

    std::string unique(const std::string& wanted) {
        std::string name = wanted;
        for (std::size_t i = 2; !taken_.insert(name).second; ++i) name = fmt::format("{}_{}", wanted, i);
        return name;
    }

    /// Axes of a value in ONNX, without the batch.
    Dims dims(ValueId id) const {
        const auto [n, h, w, c] = network_.shape(id);
        if (values_[id].form.axes == Axes::vector) return {whole(c)};
        return {whole(c), whole(h), whole(w)};
    }

    std::string store(const Node& node, std::string_view what, const Dims& axes, std::span<const float> values) {
        const std::string name = unique(fmt::format("{}.{}", node.name, what));
        graph_.add_floats(name, axes, values);
        return name;
    }

    std::string store(const Node& node, std::string_view what, const Dims& values) {
        const std::string name = unique(fmt::format("{}.{}", node.name, what));
        graph_.add_ints(name, {whole(values.size())}, values);
        return name;
    }

    /// Name of a value as an image; a vector becomes one of a single pixel.
    std::string image(const Node& node, ValueId id) {
        const Written& value = values_[id];
        if (value.form.axes == Axes::nchw) return value.name;
        if (value.form.is_reordered()) fits_ = false;
        return reshape(node, value.name, {0, whole(network_.shape(id)[3]), 1, 1});
    }

    /// Name of a value as a vector; only images of a single pixel are read as such without a Flatten.
    std::string vector(const Node& node, ValueId id) {
        return values_[id].form.axes == Axes::vector ? values_[id].name : reshape(node, values_[id].name, {0, -1});
    }

    std::string reshape(const Node& node, const std::string& from, const Dims& target) {
        const std::string shape = store(node, "shape", target);
        std::string name = unique(node.name + "_reshape");
        graph_.add_node("Reshape", name, {from, shape}, name, {});
        return name;
    }

    void write(const Node& node, ValueId id);
    void write_weighted(const Node& node, ValueId id);
    void write_window(const Node& node, ValueId id);
    void write_flatten(const Node& node, ValueId id);
    void write_add(const Node& node, ValueId id);
    void write_batch_norm(const Node& node, const BatchNorm& layer, ValueId id);
    void write_affine(const Node& node, const Affine& layer, ValueId id);
    void write_pad(const Node& node, const Pad& layer, ValueId id);
    void write_concat(const Node& node, ValueId id);
    void write_activation(const Node& node, const Activation& layer, ValueId id);
    void write_resize(const Node& node, const Resize& layer, ValueId id);

    /// A node in the middle of several that one layer becomes; the name of its value.
    std::string step(const Node& node, std::string_view op, const std::vector<std::string>& inputs) {
        std::string name = unique(fmt::format("{}_{}", node.name, op));
        graph_.add_node(op, name, inputs, name, {});
        return name;
    }
    std::string number(const Node& node, std::string_view what, float value) {
        return store(node, what, {}, std::span(&value, 1));
    }

    void add(const Node& node, ValueId id, const std::vector<std::string>& inputs, const Form& form,
             const Attributes& attributes = {}) {
        graph_.add_node(node.layer->op(), node.name, inputs, values_[id].name, attributes);
        values_[id].form = form;
    }

    const Network& network_;
    bool channels_last_;
    bool fits_ = true;
    GraphWriter graph_;
    std::vector<Written> values_;
    std::set<std::string> taken_;
};

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

void Exporter::write_weighted(const Node& node, ValueId id) {
    const auto& layer = dynamic_cast<const WeightedLayer&>(*node.layer);
    const auto [kernel_h, kernel_w, inputs, outputs] = layer.weight().shape();
    if (layer.kind() == Kind::dense) {
        const std::string from = vector(node, node.inputs[0]);
        const auto places = places_of(values_[node.inputs[0]].form, inputs);
        std::vector<float> rows;  // (outputs, inputs), as PyTorch has them
        rows.reserve(layer.weight().size());
        for (std::size_t o = 0; o < outputs; ++o) {
            for (std::size_t i = 0; i < inputs; ++i) rows.push_back(layer.weight()(0, 0, places[i], o));
        }
        const std::string weight = store(node, "weight", {whole(outputs), whole(inputs)}, rows);
        const std::string bias = store(node, "bias", {whole(outputs)}, elements(layer.bias()));
        return add(node, id, {from, weight, bias}, {Axes::vector, {}}, {{"transB", std::int64_t{1}}});
    }
    const auto* conv = dynamic_cast<const Conv2d*>(&layer);
    const std::string from = image(node, node.inputs[0]);
    const Tensor stored = conv != nullptr ? connected_kernel(*conv) : layer.weight();
    const auto [rows, columns, seen, _] = stored.shape();
    const Dims axes = conv != nullptr ? Dims{whole(outputs), whole(seen), whole(rows), whole(columns)}
                                      : Dims{whole(inputs), whole(outputs), whole(kernel_h), whole(kernel_w)};
    const std::string weight = store(node, "weight", axes, kernel(stored, conv != nullptr));
    const std::string bias = store(node, "bias", {whole(outputs)}, elements(layer.bias()));
    Attributes attributes{{"kernel_shape", Dims{whole(rows), whole(columns)}}};
    if (conv != nullptr) {
        const auto& [groups, dilation] = conv->connections();
        if (groups != 1) attributes.emplace_back("group", whole(groups));
        if (dilation != Stride{1, 1}) attributes.emplace_back("dilations", pair(dilation));
        attributes.emplace_back("strides", pair(conv->stride()));
        attributes.emplace_back("pads", pads(conv->padding()));
    } else {
        const auto& transposed = dynamic_cast<const ConvTranspose2d&>(layer);
        attributes.emplace_back("strides", pair(transposed.stride()));
        attributes.emplace_back("pads", pads(transposed.padding()));
        attributes.emplace_back("output_padding", pair(transposed.output_padding()));
    }
    add(node, id, {from, weight, bias}, {}, attributes);
}

/// The padding and ceil_mode by which the file's reader counts as many windows as there are. Rounded up, ONNX counts a
/// last window that begins behind the last pixel as well, which sees nothing and which neither PyTorch nor we have; where
/// there would be one, the partial windows that there are get explicit padding instead. (Where padding counts in a mean,
/// that is open to the axis alone whose pixels and padding all are in some window.)
std::pair<Padding, bool> countable(const Window& window, const Shape& from, const Shape& to, bool padding_counts) {
    if (!window.ceil) return {window.padding, false};
    const auto up = [](std::size_t size, std::size_t kernel, std::size_t stride) {
        return (size - kernel + stride - 1) / stride + 1;
    };
    Padding p = window.padding;
    const bool rows = up(from[1] + p.top + p.bottom, window.h, window.stride.h) != to[1];
    const bool columns = up(from[2] + p.left + p.right, window.w, window.stride.w) != to[2];
    if (!rows && !columns) return {p, true};
    const auto after = [](std::size_t count, std::size_t kernel, std::size_t stride, std::size_t before,
                          std::size_t size) {
        const std::size_t end = (count - 1) * stride + kernel;
        return end > before + size ? end - before - size : 0;
    };
    const std::size_t bottom = after(to[1], window.h, window.stride.h, p.top, from[1]);
    const std::size_t right = after(to[2], window.w, window.stride.w, p.left, from[2]);
    if (!padding_counts) return {{p.top, p.left, bottom, right}, false};
    if (bottom <= p.bottom && right <= p.right) return {p, false};
    if (rows) p.bottom = bottom;
    if (columns) p.right = right;
    return {p, true};
}

void Exporter::write_window(const Node& node, ValueId id) {
    const std::string from = image(node, node.inputs[0]);
    const auto* max = dynamic_cast<const MaxPool2d*>(node.layer.get());
    const auto* average = dynamic_cast<const AveragePool2d*>(node.layer.get());
    if (max == nullptr && average == nullptr) return add(node, id, {from}, {});
    const Window& window = max != nullptr ? max->window() : average->window();
    const auto [padding, ceil] = countable(window, network_.shape(node.inputs[0]), network_.shape(id),
                                           average != nullptr && average->count_padding());
    Attributes attributes{{"kernel_shape", Dims{whole(window.h), whole(window.w)}},
                          {"strides", pair(window.stride)},
                          {"pads", pads(padding)},
                          {"ceil_mode", std::int64_t{ceil}}};
    if (average != nullptr) attributes.emplace_back("count_include_pad", std::int64_t{average->count_padding()});
    add(node, id, {from}, {}, attributes);
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

void Exporter::write_batch_norm(const Node& node, const BatchNorm& layer, ValueId id) {
    const Written& input = values_[node.inputs[0]];
    const std::size_t channels = layer.scale().size();
    const auto places = places_of(input.form, channels);
    const auto array = [&](std::string_view what, const Tensor& values) {
        std::vector<float> ordered(channels);
        for (std::size_t i = 0; i < channels; ++i) ordered[i] = values.data()[places[i]];
        return store(node, what, {whole(channels)}, ordered);
    };
    const std::vector<std::string> inputs{input.name, array("scale", layer.scale()), array("shift", layer.shift()),
                                          array("mean", layer.mean()), array("variance", layer.variance())};
    add(node, id, inputs, input.form, {{"epsilon", layer.epsilon()}});
}

void Exporter::write_affine(const Node& node, const Affine& layer, ValueId id) {
    const Written& input = values_[node.inputs[0]];
    const std::size_t channels = layer.factor().size();
    const auto places = places_of(input.form, channels);
    const auto array = [&](std::string_view what, const std::vector<float>& values) {
        std::vector<float> ordered(channels);
        for (std::size_t i = 0; i < channels; ++i) ordered[i] = values[places[i]];
        const bool vector = input.form.axes == Axes::vector;
        return store(node, what, vector ? Dims{whole(channels)} : Dims{whole(channels), 1, 1}, ordered);
    };
    const bool shifts = std::ranges::any_of(layer.offset(), [](float offset) { return offset != 0.0F; });
    const std::string scaled = shifts ? unique(node.name + "_scaled") : values_[id].name;
    graph_.add_node("Mul", node.name, {input.name, array("factor", layer.factor())}, scaled, {});
    if (shifts) {
        graph_.add_node("Add", unique(node.name + "_shift"), {scaled, array("offset", layer.offset())},
                        values_[id].name, {});
    }
    values_[id].form = input.form;
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
        return add(node, id, {values_[node.inputs[0]].name, values_[node.inputs[1]].name}, a, {{"axis", std::int64_t{1}}});
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
                const std::string cubic = step(node, "Mul", {step(node, "Pow", {x, number(node, "three", 3.0F)}),
                                                             number(node, "cubic", 0.044715F)});
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

}  // namespace
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
