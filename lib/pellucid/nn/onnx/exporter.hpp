/// A Network on its way to an ONNX file: what the writers of layers share (export.cpp, export_weighted.cpp).
#pragma once

#include "pellucid/error.hpp"
#include "pellucid/nn/layers.hpp"
#include "pellucid/nn/onnx/form.hpp"
#include "pellucid/nn/onnx/proto_writer.hpp"

#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace pellucid::onnx {

inline std::int64_t whole(std::size_t size) { return static_cast<std::int64_t>(size); }
inline Dims pair(Stride stride) { return {whole(stride.h), whole(stride.w)}; }
inline Dims pads(const Padding& padding) {
    return {whole(padding.top), whole(padding.left), whole(padding.bottom), whole(padding.right)};
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

}  // namespace pellucid::onnx
