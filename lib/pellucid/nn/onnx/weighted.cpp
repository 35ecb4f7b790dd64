// Operators with weights: Conv, ConvTranspose, Gemm, MatMul, BatchNormalization.

#include "pellucid/nn/onnx/window.hpp"

#include <algorithm>

namespace pellucid::onnx {
namespace {

constexpr std::uint64_t most_spread = std::uint64_t{1} << 22U;  // of a file's few weights

Tensor per_channel(const std::vector<float>& values) {
    Tensor tensor = zeros({1, 1, 1, values.size()});
    std::ranges::copy(values, tensor.data());
    return tensor;
}

/// The same numbers in our order, where the node reads a flattened image.
std::vector<float> in_our_order(const std::vector<float>& values, const Form& form) {
    if (!form.is_reordered()) return values;
    const auto places = our_places(form.flattened);
    std::vector<float> result(values.size());
    for (std::size_t i = 0; i < values.size(); ++i) result[places[i]] = values[i];
    return result;
}

/// (first, second, kh, kw) → (kh, kw, …): a Conv's weights are (outputs, inputs, …), a ConvTranspose's the other way
/// round.
Tensor kernel(const Array& stored, bool outputs_first) {
    const std::size_t first = stored.dims[0], second = stored.dims[1], h = stored.dims[2], w = stored.dims[3];
    Tensor weight = outputs_first ? zeros({h, w, second, first}) : zeros({h, w, first, second});
    const float* from = stored.floats.data();
    for (std::size_t a = 0; a < first; ++a) {
        for (std::size_t b = 0; b < second; ++b) {
            for (std::size_t y = 0; y < h; ++y) {
                for (std::size_t x = 0; x < w; ++x) (outputs_first ? weight(y, x, b, a) : weight(y, x, a, b)) = *from++;
            }
        }
    }
    return weight;
}

/// Weights of a convolution, checked: four axes, none empty, and the kernel that kernel_shape names.
const Array& checked_kernel(Site& site) {
    site.floats(1, {-1, -1, -1, -1});
    const Array& stored = site.constant(1);
    const auto named = site.has_attribute("kernel_shape") ? site.sizes("kernel_shape", 2, 1, 1)
                                                          : std::vector<std::size_t>{stored.dims[2], stored.dims[3]};
    if (named[0] != stored.dims[2] || named[1] != stored.dims[3]) {
        site.unsound("kernel_shape ({}, {}) does not fit weights with the axes ({})", named[0], named[1],
                     comma_separated(stored.dims));
    }
    if (std::max(named[0], named[1]) > 10'000) site.unsound("its kernel has {}×{} places", named[0], named[1]);
    return stored;
}

/// The dense kernel that a grouped or dilated one is equal to.
Tensor spread_kernel(Site& site, const Array& stored, const Connections& connections) {
    const auto [groups, dilation] = connections;
    const std::size_t outputs = stored.dims[0], inputs = stored.dims[1], rows = stored.dims[2],
                      columns = stored.dims[3];
    const std::uint64_t h = (rows - 1) * std::uint64_t{dilation.h} + 1,
                        w = (columns - 1) * std::uint64_t{dilation.w} + 1;
    if (std::max(h, w) > 10'000) site.unsound("its dilated kernel has {}×{} places", h, w);
    const std::uint64_t numbers = h * w * inputs * groups * outputs;
    if (numbers > most_spread) {
        site.unsupported("as the dense kernel that it is equal to, it has {} weights; supported are at most {}",
                         numbers, most_spread);
    }
    Tensor weight = zeros({static_cast<std::size_t>(h), static_cast<std::size_t>(w), inputs * groups, outputs});
    const float* from = stored.floats.data();
    for (std::size_t o = 0; o < outputs; ++o) {
        const std::size_t first = o / (outputs / groups) * inputs;
        for (std::size_t i = 0; i < inputs; ++i) {
            for (std::size_t y = 0; y < rows; ++y) {
                for (std::size_t x = 0; x < columns; ++x)
                    weight(y * dilation.h, x * dilation.w, first + i, o) = *from++;
            }
        }
    }
    return weight;
}

Tensor bias_of(Site& site, std::size_t outputs, std::size_t rank) {
    auto bias = site.has(2) ? site.floats(2, {static_cast<std::int64_t>(outputs)}) : std::vector<float>(outputs, 0.0F);
    return per_channel(site.with_added(std::move(bias), rank));
}

/// Padding and output padding along one axis of a ConvTranspose whose output must have `wanted` pixels.
struct Fit {
    Ends ends;
    std::size_t output_padding;
};

Fit fit(Site& site, std::size_t in, std::size_t kernel, std::size_t stride, std::size_t output_padding,
        std::size_t wanted, bool upper) {
    const std::size_t full = stride * (in - 1) + kernel + output_padding;
    if (wanted > full) {
        // What is missing can only come from more output padding, which stays below the stride.
        if (wanted - full + output_padding >= stride)
            site.unsupported("an output of {} pixels from {} cannot be reached", wanted, in);
        return {{0, 0}, output_padding + wanted - full};
    }
    return {same_padding(full - wanted, upper), output_padding};
}

/// C of a Gemm, that many times, as one number per output.
std::vector<float> gemm_bias(Site& site, std::size_t outputs, float beta) {
    std::vector<float> bias(outputs, 0.0F);
    if (!site.has(2)) return bias;
    const Array& c = site.constant(2);
    const bool fits = !c.is_integer && c.dims.size() <= 2 && (c.dims.size() < 2 || c.dims[0] == 1) &&
                      (c.size() == 1 || (c.size() == outputs && c.dims.back() == outputs));
    if (!fits)
        site.unsupported("C with the axes ({}) is not supported; supported: ({}) or a single number",
                         comma_separated(c.dims), outputs);
    for (std::size_t i = 0; i < outputs; ++i) bias[i] = beta * c.floats[c.size() == 1 ? 0 : i];
    return bias;
}

}  // namespace

Built build_conv(Site& site) {
    site.require_image();
    const Array& stored = checked_kernel(site);
    const auto strides = site.sizes("strides", 2, 1, 1), dilations = site.sizes("dilations", 2, 1, 1);
    const Stride stride{strides[0], strides[1]};
    const std::int64_t groups = site.integer("group", 1);
    const auto outputs = static_cast<std::int64_t>(stored.dims[0]);
    if (groups < 1 || outputs % groups != 0) site.unsound("{} outputs cannot be in {} groups", outputs, groups);
    const Connections connections{static_cast<std::size_t>(groups), {dilations[0], dilations[1]}};
    const std::size_t h = (stored.dims[2] - 1) * dilations[0] + 1, w = (stored.dims[3] - 1) * dilations[1] + 1;
    const Padding padding = read_padding(site, h, w, stride);
    Tensor weight = connections == Connections{} ? kernel(stored, true) : spread_kernel(site, stored, connections);
    return {std::make_unique<Conv2d>(std::move(weight), bias_of(site, stored.dims[0], 4), stride, padding, connections),
            {}};
}

Built build_conv_transpose(Site& site) {
    site.require_image();
    site.require("group", 1);
    const Array& stored = checked_kernel(site);
    const Stride stride = read_stride(site);
    const auto extra = site.sizes("output_padding", 2, 0, 0);
    Stride output_padding{extra[0], extra[1]};
    const std::string_view mode = site.word("auto_pad", "NOTSET");
    const bool same = mode == "SAME_UPPER" || mode == "SAME_LOWER";
    Padding padding;
    if (site.has_attribute("output_shape") || same) {
        const Shape& in = site.shape(0);
        const auto wanted = site.has_attribute("output_shape")
                                ? site.sizes("output_shape", 2, 1, 1)
                                : std::vector<std::size_t>{in[1] * stride.h, in[2] * stride.w};
        // With NOTSET, the specification puts the odd pixel in front, as for SAME_LOWER.
        const Fit rows = fit(site, in[1], stored.dims[2], stride.h, output_padding.h, wanted[0], mode == "SAME_UPPER");
        const Fit columns =
            fit(site, in[2], stored.dims[3], stride.w, output_padding.w, wanted[1], mode == "SAME_UPPER");
        padding = {rows.ends.before, columns.ends.before, rows.ends.after, columns.ends.after};
        output_padding = {rows.output_padding, columns.output_padding};
        site.ignore("pads");
    } else {
        padding = read_padding(site, stored.dims[2], stored.dims[3], stride);
    }
    return {std::make_unique<ConvTranspose2d>(kernel(stored, false), bias_of(site, stored.dims[1], 4), stride, padding,
                                              output_padding),
            {}};
}

Built build_dense(Site& site) {
    const bool gemm = site.op() == "Gemm";
    if (!site.has(0) || site.is_constant(0) || !site.is_constant(1))
        site.unsupported("only (values of the network) × (stored weights) is supported");
    site.require_vector();
    if (gemm) site.require("transA", 0);
    const bool transposed = gemm && site.integer("transB", 0) != 0;
    const float alpha = gemm ? site.number("alpha", 1.0F) : 1.0F;
    const float beta = gemm ? site.number("beta", 1.0F) : 1.0F;

    const auto features = static_cast<std::int64_t>(site.shape(0)[3]);
    const auto& stored = transposed ? site.floats(1, {-1, features}) : site.floats(1, {features, -1});
    const std::size_t inputs = site.shape(0)[3], outputs = stored.size() / inputs;
    const Form form = site.value(0).form;
    const auto places = form.is_reordered() ? our_places(form.flattened) : std::vector<std::size_t>{};
    Tensor weight = zeros({1, 1, inputs, outputs});
    for (std::size_t i = 0; i < inputs; ++i) {
        float* row = weight.data() + (places.empty() ? i : places[i]) * outputs;
        for (std::size_t o = 0; o < outputs; ++o)
            row[o] = alpha * stored[transposed ? o * inputs + i : i * outputs + o];
    }
    auto bias = gemm ? gemm_bias(site, outputs, beta) : std::vector<float>(outputs, 0.0F);
    return {std::make_unique<Dense>(std::move(weight), per_channel(site.with_added(std::move(bias), 2))),
            {Axes::vector, {}}};
}

Built build_batch_norm(Site& site) {
    const Form form = site.value(0).form;
    if (form.axes == Axes::nhwc) site.require_image();
    site.require("training_mode", 0);
    site.require("spatial", 1);  // before operator set 9
    site.ignore("momentum");
    const float epsilon = site.number("epsilon", 1e-5F);
    const auto channels = static_cast<std::int64_t>(site.shape(0)[3]);
    const auto array = [&](std::size_t input) {
        return per_channel(in_our_order(site.floats(input, {channels}), form));
    };
    return {std::make_unique<BatchNorm>(array(1), array(2), array(3), array(4), epsilon), form};
}

}  // namespace pellucid::onnx
