#include "onnx_networks.hpp"

#include "../support/random_network.hpp"
#include "../support/random_tensor.hpp"
#include "pellucid/nn/layers.hpp"

#include <fmt/format.h>

#include <cmath>

namespace pellucid::test {

namespace {

/// A network under construction: layers with random weights, one after the other unless other inputs are named.
class Stack {
public:
    Stack(std::uint32_t seed, const Shape& input) : random_(seed), network_(input) {}

    ValueId conv(std::size_t h, std::size_t w, std::size_t outputs, Stride stride = {}, Padding padding = {},
                 std::vector<ValueId> from = {}, Connections connections = {}) {
        return weighted<Conv2d>("conv", h, w, outputs, std::move(from), stride, padding, connections);
    }
    std::size_t features() const { return network_.shape(network_.output())[3]; }
    ValueId transposed(std::size_t h, std::size_t w, std::size_t outputs, Stride stride, Padding padding,
                       Stride output_padding) {
        return weighted<ConvTranspose2d>("deconv", h, w, outputs, {}, stride, padding, output_padding);
    }
    ValueId dense(std::size_t outputs, std::vector<ValueId> from = {}) {
        return weighted<Dense>("dense", 1, 1, outputs, std::move(from));
    }
    ValueId norm() {
        const Shape channels{1, 1, 1, network_.shape(network_.output())[3]};
        Tensor scale = uniform_tensor(channels, random_, 0.5F, 1.5F), shift = random_tensor(channels, random_);
        Tensor mean = random_tensor(channels, random_), variance = uniform_tensor(channels, random_, 0.5F, 2.0F);
        return add<BatchNorm>("norm", {}, std::move(scale), std::move(shift), std::move(mean), std::move(variance),
                              2e-5F);
    }
    template <typename L, typename... Args>
    ValueId add(const std::string& prefix, std::vector<ValueId> from, Args&&... args) {
        return network_.add(fmt::format("{}{}", prefix, ++count_), std::make_unique<L>(std::forward<Args>(args)...),
                            std::move(from));
    }
    ValueId activation(Activation::Function function, float a = 0.01F, float b = 1.0F) {
        return add<Activation>("act", {}, function, a, b);
    }
    ValueId relu() { return activation(Activation::Function::relu); }
    ValueId flatten(std::vector<ValueId> from = {}) { return add<Flatten>("flatten", std::move(from)); }

    Network take() { return std::move(network_); }

private:
    template <typename L, typename... Args>
    ValueId weighted(const std::string& prefix, std::size_t h, std::size_t w, std::size_t outputs,
                     std::vector<ValueId> from, Args&&... args) {
        const std::size_t inputs = network_.shape(from.empty() ? network_.output() : from[0])[3];
        Tensor weight =
            random_tensor({h, w, inputs, outputs}, random_, 1.0F / std::sqrt(static_cast<float>(h * w * inputs)));
        Tensor bias = random_tensor({1, 1, 1, outputs}, random_);
        return add<L>(prefix, std::move(from), std::move(weight), std::move(bias), std::forward<Args>(args)...);
    }

    Random random_;
    Network network_;
    int count_ = 0;
};

using Function = Activation::Function;

std::vector<double> ramp(std::size_t count) {
    std::vector<double> values;
    for (std::size_t i = 0; i < count; ++i) values.push_back(0.01 * static_cast<double>(i) - 0.1);
    return values;
}

/// Between Flatten and Dense: everything that keeps the order of features.
Network reordered() {
    Stack stack(1, {1, 6, 5, 2});
    stack.conv(3, 2, 3);
    stack.flatten();
    stack.relu();
    stack.norm();
    stack.add<Dropout>("dropout", {}, 0.25F);
    stack.flatten();
    const ValueId left = stack.activation(Function::tanh);
    const ValueId right = stack.activation(Function::sigmoid);
    stack.add<Add>("add", {left, right});
    stack.add<Softmax>("softmax", {});
    stack.dense(7);
    stack.norm();
    stack.activation(Function::leaky_relu, 0.2F);
    stack.dense(4);
    return stack.take();
}

/// Features of a flattened image added to those of a Dense: only a Transpose makes both orders one.
Network mixed_orders() {
    Stack stack(2, {1, 3, 4, 2});
    const ValueId flat = stack.flatten();
    const ValueId dense = stack.dense(24);
    stack.add<Add>("add", {flat, dense});
    stack.dense(3);
    return stack.take();
}

Network ends_flattened() {
    Stack stack(3, {1, 4, 4, 1});
    stack.conv(3, 3, 3);
    stack.flatten();
    stack.add<Softmax>("softmax", {});
    return stack.take();
}

/// Vectors and images of one pixel, each where the other is wanted.
Network single_pixels() {
    Stack stack(4, {1, 1, 1, 6});
    stack.conv(1, 1, 8);
    stack.relu();
    stack.dense(4);
    stack.transposed(3, 2, 5, {1, 1}, {}, {0, 0});
    const ValueId pooled = stack.add<GlobalAveragePool>("gap", {});
    const ValueId dense = stack.dense(5);
    stack.add<Add>("add", {dense, pooled});
    stack.norm();
    stack.dense(3);
    return stack.take();
}

Network decoder() {
    Stack stack(5, {1, 3, 5, 4});
    stack.transposed(3, 4, 6, {2, 3}, {1, 0, 0, 2}, {1, 2});
    stack.activation(Function::leaky_relu, 0.3F);
    stack.add<Resize>("up", {}, Resize::Mode::nearest, 2.0F, 1.5F);
    stack.conv(3, 3, 3, {1, 1}, {1, 1, 1, 1});
    stack.add<Resize>("smooth", {}, Resize::Mode::linear, 1.7F, 0.5F);
    stack.add<Softmax>("softmax", {});
    stack.transposed(2, 2, 2, {2, 2}, {}, {0, 0});
    stack.activation(Function::sigmoid);
    return stack.take();
}

/// Windows that do not fit evenly, with and without padding, rounded up and down.
Network pools(std::size_t size) {
    Stack stack(6, {1, size, size + 1, 3});
    for (const bool ceil : {false, true}) {
        for (const bool count_padding : {false, true}) {
            stack.add<AveragePool2d>("average", {}, Window{3, 2, {2, 1}, {1, 0, 0, 1}, ceil}, count_padding);
        }
        stack.add<MaxPool2d>("max", {}, Window{2, 3, {1, 2}, {1, 1, 0, 2}, ceil});
        stack.add<Resize>("up", {}, Resize::Mode::nearest, 3.0F, 3.0F);
    }
    stack.add<GlobalAveragePool>("gap", {});
    stack.dense(2);
    return stack.take();
}

Network convolutions() {
    Stack stack(7, {1, 9, 8, 3});
    const ValueId start = stack.conv(3, 3, 5, {2, 1}, {1, 2, 0, 3});
    stack.relu();
    const ValueId branch = stack.conv(1, 1, 5);
    stack.add<Add>("add", {start, branch});
    stack.norm();
    stack.relu();
    stack.conv(2, 4, 4, {1, 3}, {0, 4, 4, 0});
    stack.add<GlobalAveragePool>("gap", {});
    stack.flatten();
    stack.dense(10);
    stack.add<Softmax>("softmax", {});
    return stack.take();
}

/// Layers that other tools' files bring: groups, dilated kernels, constant maps, paddings, branches side by side.
Network imported() {
    Stack stack(8, {1, 11, 10, 4});
    stack.add<Affine>("normalise", {}, std::vector{1.5, 2.0, 0.25, -1.0}, std::vector{0.5, -1.0, 0.0, 0.125});
    stack.add<Pad>("mirror", {}, Pad::Mode::reflect, Padding{.top = 1, .left = 2, .bottom = 0, .right = 3});
    stack.conv(3, 2, 6, {}, {1, 0, 0, 1}, {}, {2, {1, 1}});
    stack.activation(Function::clip, 0.0F, 1.5F);
    stack.add<Affine>("shift", {}, std::vector<double>(6, 1.0), std::vector<double>(6, 0.25));
    stack.add<Pad>("edge", {}, Pad::Mode::edge, Padding{.top = 0, .left = 1, .bottom = 1, .right = 0});
    stack.conv(5, 3, 6, {2, 1}, {}, {}, {1, {2, 2}});
    const ValueId stem = stack.activation(Function::swish);
    const ValueId left = stack.conv(1, 1, 3, {}, {}, {stem});
    stack.norm();
    const ValueId gated = stack.activation(Function::elu, 0.7F);
    stack.conv(3, 3, 2, {}, {1, 1, 1, 1}, {stem});
    const ValueId right = stack.activation(Function::hard_swish);
    static_cast<void>(left);
    stack.add<Concat>("join", {gated, right});
    stack.add<Pad>("zeros", {}, Pad::Mode::zeros, Padding{.top = 1, .left = 0, .bottom = 0, .right = 1});
    // Not a pool: onnxruntime-web 1.30 fuses the two, and then takes the maximum without the zeros.
    stack.activation(Function::leaky_relu, 0.2F);
    stack.add<MaxPool2d>("pool", {});
    stack.flatten();
    stack.add<Affine>("per_feature", {}, std::vector<double>(stack.features(), 0.5), ramp(stack.features()));
    stack.dense(7);
    stack.add<Affine>("temperature", {}, std::vector<double>(7, 0.4), std::vector<double>(7, 0.0));
    return stack.take();
}

/// Every activation, those without an operator in operator set 17 among them.
Network activations() {
    Stack stack(9, {1, 4, 4, 3});
    for (const Function function :
         {Function::celu, Function::selu, Function::softplus, Function::softsign, Function::gelu, Function::gelu_tanh,
          Function::mish, Function::erf, Function::hard_sigmoid}) {
        stack.conv(1, 1, 5);
        stack.activation(function, 0.4F, 0.9F);
    }
    stack.conv(2, 2, 3);
    stack.activation(Function::clip, -0.3F, INFINITY);
    stack.conv(1, 1, 4);
    stack.activation(Function::clip, -INFINITY, 0.2F);
    return stack.take();
}

}  // namespace

std::vector<NamedNetwork> onnx_networks() {
    std::vector<NamedNetwork> all;
    const auto add = [&](const char* name, Network network) { all.push_back({name, std::move(network)}); };
    add("reordered", reordered());
    add("mixed_orders", mixed_orders());
    add("ends_flattened", ends_flattened());
    add("single_pixels", single_pixels());
    add("decoder", decoder());
    for (const std::size_t size : {7, 8, 9, 10}) all.push_back({fmt::format("pools{}", size), pools(size)});
    add("convolutions", convolutions());
    add("imported", imported());
    add("activations", activations());
    for (std::uint32_t seed = 0; seed < 12; ++seed) {
        RandomNetworkOptions options;
        options.softmax = seed % 3 == 0;
        all.push_back({fmt::format("random{}", seed), random_network(seed, options)});
    }
    return all;
}

}  // namespace pellucid::test
