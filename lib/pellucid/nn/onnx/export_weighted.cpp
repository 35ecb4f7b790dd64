// The layers that have weights, as ONNX has them; and pools.
#include "pellucid/nn/onnx/exporter.hpp"

#include <algorithm>

namespace pellucid::onnx {

namespace {

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

/// The weights that there are of a convolution in groups or with a dilated kernel: (kh, kw, inputs of a group,
/// outputs).
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

}  // namespace

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

namespace {

/// The padding and ceil_mode by which the file's reader counts as many windows as there are. Rounded up, ONNX counts a
/// last window that begins behind the last pixel as well, which sees nothing and which neither PyTorch nor we have;
/// where there would be one, the partial windows that there are get explicit padding instead. (Where padding counts in
/// a mean, that is open to the axis alone whose pixels and padding all are in some window.)
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

}  // namespace

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

}  // namespace pellucid::onnx
