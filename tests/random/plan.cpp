#include "plan.hpp"

#include "pellucid/nn/layers.hpp"
#include "support/random_tensor.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <sstream>
#include <stdexcept>

namespace pellucid::test {

namespace {

// Padding and stride come as top, left, bottom, right and rows, columns; the last number of layers with weights says
// whether there is a bias, the last ones of pools are `ceil` and `count_padding`; scales are in quarters.
const Operator table[] = {
    {"conv", {1, 1, 1, 1, 1, 0, 0, 0, 0, 0}},
    {"deconv", {1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0}},
    {"dense", {1, 0}},
    {"max", {1, 1, 1, 1, 0, 0, 0, 0, 0}},
    {"average", {1, 1, 1, 1, 0, 0, 0, 0, 0, 0}},
    {"nearest", {1, 1}},
    {"linear", {1, 1}},
    {"gap", {}},
    {"flatten", {}},
    {"norm", {}},
    {"dropout", {}},
    {"relu", {}},
    {"leaky", {}},
    {"sigmoid", {}},
    {"tanh", {}},
    {"softmax", {}},
    {"add", {}},
};

const Operator& find_operator(const std::string& name) {
    for (const Operator& one : table) {
        if (one.name == name) return one;
    }
    throw std::invalid_argument("no operator " + name);
}

Window window_of(const std::vector<std::size_t>& n) {
    return {n[0], n[1], {n[2], n[3]}, {n[4], n[5], n[6], n[7]}, n[8] != 0};
}

/// Weights that keep a signal's size, and a bias or none.
std::pair<Tensor, Tensor> weights(const Shape& shape, bool bias, Random& random) {
    const auto fan_in = static_cast<float>(shape[0] * shape[1] * shape[2]);
    Tensor weight = random_tensor(shape, random, std::sqrt(2.0F / fan_in));
    const Shape outputs{1, 1, 1, shape[3]};
    return {std::move(weight), bias ? random_tensor(outputs, random, 0.3F) : zeros(outputs)};
}

std::unique_ptr<Layer> norm(std::size_t channels, Random& random) {
    const Shape shape{1, 1, 1, channels};
    Tensor scale = uniform_tensor(shape, random, 0.5F, 1.5F);
    for (float& value : elements(scale)) value = random.below(3) == 0 ? -value : value;
    Tensor shift = random_tensor(shape, random, 0.3F), mean = random_tensor(shape, random, 0.3F);
    Tensor variance = uniform_tensor(shape, random, 0.5F, 2.0F);
    return std::make_unique<BatchNorm>(std::move(scale), std::move(shift), std::move(mean), std::move(variance));
}

std::unique_ptr<Layer> layer_of(const LayerPlan& plan, const Shape& in, Random& random) {
    using Function = Activation::Function;
    const std::vector<std::size_t>& n = plan.numbers;
    const auto quarters = [&](std::size_t i) { return static_cast<float>(n[i]) / 4.0F; };
    if (plan.op == "conv") {
        auto [weight, bias] = weights({n[0], n[1], in[3], n[2]}, n[9] != 0, random);
        return std::make_unique<Conv2d>(std::move(weight), std::move(bias), Stride{n[3], n[4]},
                                        Padding{n[5], n[6], n[7], n[8]});
    }
    if (plan.op == "deconv") {
        auto [weight, bias] = weights({n[0], n[1], in[3], n[2]}, n[11] != 0, random);
        return std::make_unique<ConvTranspose2d>(std::move(weight), std::move(bias), Stride{n[3], n[4]},
                                                 Padding{n[5], n[6], n[7], n[8]}, Stride{n[9], n[10]});
    }
    if (plan.op == "dense") {
        auto [weight, bias] = weights({1, 1, in[3], n[0]}, n[1] != 0, random);
        return std::make_unique<Dense>(std::move(weight), std::move(bias));
    }
    if (plan.op == "max") return std::make_unique<MaxPool2d>(window_of(n));
    if (plan.op == "average") return std::make_unique<AveragePool2d>(window_of(n), n[9] != 0);
    if (plan.op == "nearest") return std::make_unique<Resize>(Resize::Mode::nearest, quarters(0), quarters(1));
    if (plan.op == "linear") return std::make_unique<Resize>(Resize::Mode::linear, quarters(0), quarters(1));
    if (plan.op == "gap") return std::make_unique<GlobalAveragePool>();
    if (plan.op == "flatten") return std::make_unique<Flatten>();
    if (plan.op == "norm") return norm(in[3], random);
    if (plan.op == "dropout") return std::make_unique<Dropout>();
    if (plan.op == "relu") return std::make_unique<Activation>(Function::relu);
    if (plan.op == "leaky") return std::make_unique<Activation>(Function::leaky_relu, 0.1F);
    if (plan.op == "sigmoid") return std::make_unique<Activation>(Function::sigmoid);
    if (plan.op == "tanh") return std::make_unique<Activation>(Function::tanh);
    if (plan.op == "softmax") return std::make_unique<Softmax>();
    return std::make_unique<Add>();
}

}  // namespace

std::span<const Operator> operators() { return table; }

std::string to_text(const Plan& plan) {
    const auto& [n, h, w, c] = plan.input;
    std::string text = fmt::format("seed {} input {} {} {} {}", plan.seed, n, h, w, c);
    for (const LayerPlan& layer : plan.layers) {
        text += fmt::format(" | {}@{}", layer.op, layer.from.front());
        for (std::size_t i = 1; i < layer.from.size(); ++i) text += fmt::format(",{}", layer.from[i]);
        for (const std::size_t number : layer.numbers) text += fmt::format(" {}", number);
    }
    return text;
}

Plan parse_plan(std::string_view text) {
    std::istringstream in{std::string(text)};
    const auto refuse = [&] { throw std::invalid_argument("no plan: " + std::string(text)); };
    Plan plan;
    std::string seed, input, word;
    in >> seed >> plan.seed >> input;
    for (std::size_t& axis : plan.input) in >> axis;
    if (!in || seed != "seed" || input != "input") refuse();
    while (in >> word) {
        LayerPlan layer;
        char at = 0;
        std::size_t number = 0;
        if (word != "|" || !std::getline(in >> std::ws, layer.op, '@')) refuse();
        do {
            if (!(in >> number)) refuse();
            layer.from.push_back(number);
            at = static_cast<char>(in.peek());
        } while (at == ',' && in.get() == ',');
        const Operator& one = find_operator(layer.op);
        for (const std::size_t least : one.least) {
            if (!(in >> number) || number < least) refuse();
            layer.numbers.push_back(number);
        }
        if (layer.from.size() != (layer.op == "add" ? 2 : 1)) refuse();
        plan.layers.push_back(std::move(layer));
    }
    return plan;
}

Network build(const Plan& plan) {
    Network network(with_batch(plan.input, 1));
    for (std::size_t i = 0; i < plan.layers.size(); ++i) {
        const LayerPlan& layer = plan.layers[i];
        // Weights of a layer do not change when another one is left out.
        Random random(plan.seed * 2654435761U + static_cast<std::uint32_t>(i));
        network.add(fmt::format("{}{}", layer.op, i + 1), layer_of(layer, network.shape(layer.from.front()), random),
                    layer.from);
    }
    return network;
}

Tensor input_of(const Plan& plan) {
    Random random(plan.seed ^ 0x5EEDU);
    Tensor x = random_tensor(plan.input, random);
    for (float& value : elements(x)) {
        const auto whole = static_cast<float>(random.below(3));
        const float share = random.uniform();
        if (plan.seed % 4 == 1 && share < 0.7F) value = 0.0F;
        if (plan.seed % 4 == 2) value = whole;
        if (plan.seed % 4 == 3) value = share;
    }
    return x;
}

}  // namespace pellucid::test
