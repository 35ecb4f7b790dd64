/// filters: the kernels of a layer, as pictures.
///
///   w[·, ·, i, o]: what output channel o multiplies channel i of its input with, at each place of its window.
/// Of a dense layer behind a Flatten the weights of a unit are a picture of each channel that was flattened; of one
/// that reads a vector, a row. The input's channels stand side by side, a line of zeros between, unless `input` names
/// one.
/// Shapes: "kernels": a picture (N, ·, ·, 1) for each of the output channels from `first` on, `most` at most, numbered
/// as they are; the same for every input. "norm" (N, 1, 1, K): √Σw², "bias": b, of these channels. Cost: one forward
/// pass, for the target's value alone.
#include "pellucid/error.hpp"
#include "pellucid/methods/inside/layer_choice.hpp"
#include "pellucid/methods/inside/montage.hpp"
#include "pellucid/nn/layers.hpp"

#include <algorithm>
#include <cmath>

namespace pellucid::methods {

namespace {

struct FiltersParams {
    std::string layer;
    std::ptrdiff_t input = -1;
    std::size_t first = 0, most = 64;
};

void describe(Fields& f, FiltersParams& p) {
    f.layer("layer", p.layer, "the layer whose kernels are shown; empty: the first one with weights");
    f.integer("input", p.input, {-1, 1000000}, "the channel of the layer's input that is shown; −1: all, side by side");
    f.integer("first", p.first, {0, 1000000}, "the first of the layer's channels that is shown").rarely();
    f.integer("most", p.most, {1, 4096}, "how many of the layer's channels are shown").rarely();
}

const WeightedLayer* weights_of(const Network& network, ValueId value) {
    return value == 0 ? nullptr : dynamic_cast<const WeightedLayer*>(network.nodes()[value - 1].layer.get());
}

ValueId layer_with_weights(const Network& network, const std::string& name) {
    std::vector<std::string> names;
    for (ValueId value = 1; value <= network.output(); ++value) {
        if (weights_of(network, value) == nullptr) continue;
        if (name.empty()) return value;
        names.emplace_back(network.name(value));
    }
    if (name.empty()) fail(ErrorCode::unsupported, "filters needs a layer with weights, and the network has none");
    const ValueId value = network.find(name);
    if (weights_of(network, value) == nullptr) {
        fail(ErrorCode::bad_argument, "filters: the layer '{}' has no kernels; layers with kernels are {}",
             network.name(value), comma_separated(names));
    }
    return value;
}

/// The kernels as (rows, columns, inputs, outputs): of a dense layer what its Flatten read.
Shape kernel_shape(const Network& network, ValueId layer) {
    const Shape weight = weights_of(network, layer)->weight().shape();
    const ValueId read = network.nodes()[layer - 1].inputs.front();
    if (read == 0 || weight[0] * weight[1] != 1) return weight;
    const Node& before = network.nodes()[read - 1];
    if (std::string_view(before.layer->op()) != "Flatten") return weight;
    const Shape& flattened = network.shape(before.inputs.front());
    return {flattened[1], flattened[2], flattened[3], weight[3]};
}

/// The kernel of one output channel, all input channels or one: (1, h, w, ·).
Tensor kernel_of(std::span<const float> weight, const Shape& shape, std::size_t output, std::ptrdiff_t input) {
    const std::size_t shown = input < 0 ? shape[2] : 1;
    const std::size_t from = input < 0 ? 0 : static_cast<std::size_t>(input);
    Tensor kernel(Shape{1, shape[0], shape[1], shown});
    for (std::size_t i = 0; i < kernel.size(); ++i) {
        kernel.data()[i] = weight[(i / shown * shape[2] + from + i % shown) * shape[3] + output];
    }
    return kernel;
}

Result run_filters(const Request& request, const FiltersParams& p) {
    Evaluator& evaluator = request.explainer.plain();
    const Network& network = evaluator.network();
    const ValueId layer = layer_with_weights(network, p.layer);
    const WeightedLayer& weighted = *weights_of(network, layer);
    const Shape shape = kernel_shape(network, layer);
    if (p.first >= shape[3] || p.input >= static_cast<std::ptrdiff_t>(shape[2])) {
        fail(ErrorCode::bad_argument, "filters: the layer '{}' has kernels 0 to {} of input channels 0 to {}",
             network.name(layer), shape[3] - 1, shape[2] - 1);
    }
    const std::size_t samples = request.input.shape()[0], count = std::min(p.most, shape[3] - p.first);
    const std::string name(network.name(layer));
    Frames kernels{{}, {}, name};
    Scores norm{{}, Tensor(Shape{samples, 1, 1, count}), name}, bias{{}, Tensor(Shape{samples, 1, 1, count}), name};
    const auto weight = elements(weighted.weight());
    for (std::size_t k = 0; k < count; ++k) {
        const std::size_t output = p.first + k;
        double square = 0;
        for (std::size_t i = output; i < weight.size(); i += shape[3]) {
            square += static_cast<double>(weight[i]) * static_cast<double>(weight[i]);
        }
        Tensor picture = montage(kernel_of(weight, shape, output, p.input));
        kernels.images.push_back(repeat(picture, samples));
        kernels.steps.push_back(static_cast<std::uint32_t>(output));
        norm.groups.push_back(std::to_string(output));
        bias.groups.push_back(std::to_string(output));
        for (std::size_t n = 0; n < samples; ++n) {
            sample(norm.values, n)[k] = static_cast<float>(std::sqrt(square));
            sample(bias.values, n)[k] = weighted.bias().data()[output];
        }
    }
    Result result;
    result.value = target_values(request.target, network, evaluator.trace(request.input));
    result.add("kernels", std::move(kernels));
    result.add("norm", std::move(norm));
    result.add("bias", std::move(bias));
    return result;
}

}  // namespace

Method filters() {
    return define<FiltersParams, run_filters>(
        {.id = "filters",
         .family = "inside",
         .title = "Filters",
         .question = "What does each channel of a layer look for in what it reads?",
         .formula = R"(w_{\cdot\cdot io})",
         .reference = {"LeCun, Bottou, Bengio, Haffner", "Gradient-based learning applied to document recognition",
                       1998, "Proceedings of the IEEE 86(11)"},
         .targets = any_target(),
         .outputs = {frames_output("kernels", MapKind::signed_values,
                                   "the weights of each channel, its input's channels side by side"),
                     scores_output("norm", "weight", "the kernel's length"),
                     scores_output("bias", "activity", "what is added to the sum")},
         .caveat = "Only a first layer's kernels look at the drawing itself; deeper ones look at what channels before "
                   "them have made of it, so their pictures are no pictures of strokes.",
         .subject = SubjectKind::model});
}

}  // namespace pellucid::methods
