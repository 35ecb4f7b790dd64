#include "pellucid/methods/judging/changed_network.hpp"

#include "pellucid/error.hpp"
#include "pellucid/nn/layers.hpp"
#include "pellucid/ops.hpp"
#include "pellucid/random.hpp"
#include "pellucid/simd/kernels.hpp"

#include <algorithm>
#include <cmath>

namespace pellucid::methods {

Network with_layers(const Network& network, const std::function<std::unique_ptr<Layer>(std::size_t)>& replaced) {
    Network copy(network.input_shape());
    copy.metadata = network.metadata;
    for (std::size_t i = 0; i < network.nodes().size(); ++i) {
        const Node& node = network.nodes()[i];
        std::unique_ptr<Layer> layer = replaced(i);
        copy.add(node.name, layer ? std::move(layer) : node.layer->clone(), node.inputs);
    }
    return copy;
}

std::vector<std::size_t> trained_nodes(const Network& network) {
    std::vector<std::size_t> nodes;
    for (std::size_t i = network.nodes().size(); i-- > 0;) {
        const Layer* layer = network.nodes()[i].layer.get();
        if (dynamic_cast<const WeightedLayer*>(layer) != nullptr || dynamic_cast<const BatchNorm*>(layer) != nullptr)
            nodes.push_back(i);
    }
    return nodes;
}

Network randomised(const Network& network, const std::vector<std::size_t>& which, std::uint32_t seed) {
    return with_layers(network, [&](std::size_t i) -> std::unique_ptr<Layer> {
        if (std::find(which.begin(), which.end(), i) == which.end()) return nullptr;
        std::unique_ptr<Layer> layer = network.nodes()[i].layer->clone();
        if (auto* weighted = dynamic_cast<WeightedLayer*>(layer.get())) {
            const Shape shape = weighted->weight().shape();
            const float bound = 1.0F / std::sqrt(static_cast<float>(shape[0] * shape[1] * shape[2]));
            Random random = stream(seed, Purpose::parameters, 0, i);
            Tensor weight(shape), bias(weighted->bias().shape());
            for (float& w : elements(weight)) w = random.uniform(-bound, bound);
            for (float& b : elements(bias)) b = random.uniform(-bound, bound);
            weighted->keep_connected(weight);
            weighted->set_weights(std::move(weight), std::move(bias));
            return layer;
        }
        const auto& norm = dynamic_cast<const BatchNorm&>(*layer);
        const Shape shape = norm.scale().shape();
        return std::make_unique<BatchNorm>(filled(shape, 1.0F), zeros(shape), zeros(shape), filled(shape, 1.0F),
                                           norm.epsilon());
    });
}

namespace {

/// A padding of one value. Its Jacobian is that of a padding with zeros.
class ValuePad final : public Layer {
public:
    ValuePad(Padding padding, float value) : zeros_(Pad::Mode::zeros, padding), value_(value) {}
    std::string_view op() const override { return "Pad"; }
    Kind kind() const override { return Kind::resample; }
    Shape output_shape(std::span<const Shape> inputs) const override { return zeros_.output_shape(inputs); }
    void forward(std::span<const Tensor* const> inputs, Tensor& output, Record& record) const override {
        zeros_.forward(inputs, output, record);
        const auto [top, left, bottom, right] = zeros_.padding();
        const auto [count, height, width, channels] = output.shape();
        for (std::size_t n = 0; n < count; ++n) {
            for (std::size_t y = 0; y < height; ++y) {
                for (std::size_t x = 0; x < width; ++x) {
                    const bool inside = y >= top && y < height - bottom && x >= left && x < width - right;
                    if (!inside) std::fill_n(&output(n, y, x, 0), channels, value_);
                }
            }
        }
    }
    void input_gradient(const Step& step, const Tensor& incoming, std::span<Tensor* const> gradients) const override {
        zeros_.input_gradient(step, incoming, gradients);
    }
    std::unique_ptr<Layer> clone() const override { return std::make_unique<ValuePad>(*this); }

private:
    Pad zeros_;
    float value_;
};

/// What every input of a unit adds to it together, per unit: Σ w.
std::vector<double> weight_sums(const Tensor& weight) {
    std::vector<double> sums(weight.shape()[3], 0.0);
    ops::add_rows(sums, elements(weight));
    return sums;
}

Tensor bias_without(const WeightedLayer& layer, float shift) {
    Tensor bias = layer.bias();
    const std::vector<double> sums = weight_sums(layer.weight());
    for (std::size_t o = 0; o < bias.size(); ++o) {
        bias.data()[o] = static_cast<float>(static_cast<double>(bias.data()[o]) - static_cast<double>(shift) * sums[o]);
    }
    return bias;
}

}  // namespace

Network shifted(const Network& network, float shift, bool with_bias) {
    const auto refuse = [&] {
        fail(ErrorCode::unsupported,
             "shift_invariance needs a network whose input is read by one convolution, dense layer or normalisation "
             "alone, so that a shift of the input can be taken back there");
    };
    if (network.readers(0).size() != 1) refuse();
    std::size_t first = network.readers(0).front();
    // Flatten and the like pass the shift on.
    while (network.nodes()[first].layer->kind() == Kind::pass_through && network.readers(first + 1).size() == 1)
        first = network.readers(first + 1).front();
    const Layer& layer = *network.nodes()[first].layer;
    const auto* conv = dynamic_cast<const Conv2d*>(&layer);
    const auto* weighted = dynamic_cast<const WeightedLayer*>(&layer);
    if (conv == nullptr || conv->padding() == Padding{}) {
        if (weighted != nullptr && layer.kind() == Kind::convolution && conv == nullptr) refuse();
        const auto* map = dynamic_cast<const ChannelMap*>(&layer);
        if (weighted == nullptr && map == nullptr) refuse();
        return with_layers(network, [&](std::size_t i) -> std::unique_ptr<Layer> {
            if (i != first || !with_bias) return nullptr;
            if (map != nullptr) {
                auto [factor, offset] = map->affine();
                for (std::size_t c = 0; c < factor.size(); ++c) offset[c] -= factor[c] * static_cast<double>(shift);
                return std::make_unique<Affine>(std::move(factor), std::move(offset));
            }
            std::unique_ptr<Layer> copy = layer.clone();
            dynamic_cast<WeightedLayer&>(*copy).set_weights(weighted->weight(), bias_without(*weighted, shift));
            return copy;
        });
    }
    Network copy(network.input_shape());
    copy.metadata = network.metadata;
    for (std::size_t i = 0; i < network.nodes().size(); ++i) {
        const Node& node = network.nodes()[i];
        std::vector<ValueId> inputs = node.inputs;
        // Behind the padding, which is one node more, everything is one further on.
        for (ValueId& input : inputs) input += input > first ? 1 : 0;
        if (i != first) {
            copy.add(node.name, node.layer->clone(), inputs);
            continue;
        }
        copy.add(node.name + "_padding", std::make_unique<ValuePad>(conv->padding(), shift), inputs);
        copy.add(node.name,
                 std::make_unique<Conv2d>(conv->weight(), with_bias ? bias_without(*conv, shift) : conv->bias(),
                                          conv->stride(), Padding{}, conv->connections()));
    }
    return copy;
}

namespace {

/// Multiplies every sample by one mask.
class Mask final : public Layer {
public:
    explicit Mask(Tensor mask) : mask_(std::move(mask)) {}
    std::string_view op() const override { return "Mul"; }
    /// Not that of Dropout, which passes all on where nothing is trained.
    Kind kind() const override { return Kind::resample; }
    Shape output_shape(std::span<const Shape> inputs) const override { return inputs[0]; }
    void forward(std::span<const Tensor* const> inputs, Tensor& output, Record&) const override {
        multiply(*inputs[0], output);
    }
    void input_gradient(const Step&, const Tensor& incoming, std::span<Tensor* const> gradients) const override {
        if (gradients[0] != nullptr) multiply(incoming, *gradients[0]);
    }
    std::unique_ptr<Layer> clone() const override { return std::make_unique<Mask>(*this); }

private:
    void multiply(const Tensor& from, Tensor& to) const {
        for (std::size_t n = 0; n < from.shape()[0]; ++n) {
            const auto source = sample(from, n);
            simd::kernels().multiply(source.size(), source.data(), mask_.data(), sample(to, n).data());
        }
    }

    Tensor mask_;
};

}  // namespace

Network with_dropout_masks(const Network& network, std::uint32_t seed, std::size_t number) {
    bool found = false;
    Network copy = with_layers(network, [&](std::size_t i) -> std::unique_ptr<Layer> {
        const auto* dropout = dynamic_cast<const Dropout*>(network.nodes()[i].layer.get());
        if (dropout == nullptr || dropout->rate() == 0.0F) return nullptr;
        found = true;
        Random random = stream(seed, Purpose::masks, i, number);
        Tensor mask(network.shape(i + 1));
        const float kept = 1.0F / (1.0F - dropout->rate());
        for (float& factor : elements(mask)) factor = random.uniform() < dropout->rate() ? 0.0F : kept;
        return std::make_unique<Mask>(std::move(mask));
    });
    if (!found) {
        fail(
            ErrorCode::unsupported,
            "uncertainty needs a network with Dropout in its file, and this one has none: its training dropped it when "
            "it was saved, or there never was any; a model that keeps its Dropout nodes is right");
    }
    return copy;
}

}  // namespace pellucid::methods
