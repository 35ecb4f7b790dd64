#include "checks.hpp"

#include "compare.hpp"
#include "support/oracle_gradient.hpp"
#include "support/random_tensor.hpp"

#include <limits>

namespace pellucid::test {

namespace {

constexpr double precision = 3e-6;

Array magnitude(Array values) {
    for (double& value : values.data) value = std::abs(value);
    return values;
}

Tensor magnitude(Tensor values) {
    for (float& value : elements(values)) value = std::abs(value);
    return values;
}

/// The layer with the magnitudes of its weights: what it makes of magnitudes is Σ|terms|.
std::unique_ptr<Layer> magnitude(const Layer& layer) {
    std::unique_ptr<Layer> copy = layer.clone();
    if (auto* weighted = dynamic_cast<WeightedLayer*>(copy.get())) {
        weighted->set_weights(magnitude(weighted->weight()), magnitude(weighted->bias()));
    }
    return copy;
}

std::vector<Array> inputs_in_double(const Network& network, const Trace& trace, std::size_t node, bool magnitudes) {
    std::vector<Array> inputs;
    for (const ValueId value : network.nodes()[node].inputs) {
        Array array(trace.values[value]);
        inputs.push_back(magnitudes ? magnitude(std::move(array)) : std::move(array));
    }
    return inputs;
}

/// Σ|terms| of a layer's largest output: for norms and the like the sizes of what goes in and comes out do.
double size_of(const Network& network, const Trace& trace, std::size_t node) {
    const Layer& layer = *network.nodes()[node].layer;
    double size = largest(trace.values[node + 1]);
    for (const ValueId value : network.nodes()[node].inputs) size = std::max(size, largest(trace.values[value]));
    if (dynamic_cast<const WeightedLayer*>(&layer) == nullptr) return size;
    const std::unique_ptr<Layer> positive = magnitude(layer);
    const std::vector<Array> inputs = inputs_in_double(network, trace, node, true);
    return std::max(size, largest(reference_forward(*positive, inputs, parameters_of(*positive))));
}

Tensor unwritten(const Shape& shape) { return filled(shape, std::numeric_limits<float>::quiet_NaN()); }

std::string check_gradients(Subject& subject, std::size_t node, Random& random) {
    Network& network = subject.network;
    Layer& layer = network.layer(node);
    const Tensor incoming = random_tensor(subject.trace.values[node + 1].shape(), random);
    const std::vector<Array> inputs = inputs_in_double(network, subject.trace, node, false);
    const LayerGradients want = reference_gradients(layer, inputs, Array(incoming));
    const LayerGradients size = reference_gradients(
        *magnitude(layer), inputs_in_double(network, subject.trace, node, true), magnitude(Array(incoming)));
    LayerInputs storage;
    const Step step = network.step(subject.trace, node, storage);
    std::vector<Tensor> gradients;
    for (const Array& one : want.inputs) gradients.push_back(unwritten(one.shape));
    std::vector<Tensor*> targets;
    for (Tensor& gradient : gradients) targets.push_back(&gradient);
    layer.input_gradient(step, incoming, targets);
    for (std::size_t i = 0; i < gradients.size(); ++i) {
        const double tolerance = precision * std::max(largest(size.inputs[i]), largest(incoming));
        if (std::string wrong = compare(gradients[i], want.inputs[i], tolerance, "input gradient"); !wrong.empty())
            return wrong;
    }
    std::vector<Tensor> sums;
    for (const Array& one : want.parameters) sums.push_back(zeros(one.shape));
    layer.parameter_gradients(step, incoming, sums);
    for (std::size_t i = 0; i < sums.size(); ++i) {
        // A norm's statistics are subtracted from what may be much larger.
        const double spare = layer.kind() == Kind::batch_norm ? 100 : 1;
        const double tolerance = spare * precision * (largest(size.parameters[i]) + largest(incoming));
        if (std::string wrong = compare(sums[i], want.parameters[i], tolerance, "parameter gradient"); !wrong.empty())
            return wrong;
    }
    return {};
}

}  // namespace

Subject::Subject(Network& of, const Tensor& x, std::uint32_t with) : network(of), input(x), seed(with) {
    network.forward(input, trace);
    size.push_back(largest(input));
    for (std::size_t node = 0; node < network.nodes().size(); ++node) {
        size.push_back(size_of(network, trace, node));
        for (const ValueId value : network.nodes()[node].inputs) size.back() = std::max(size.back(), size[value]);
    }
}

std::string check_layers(Subject& subject) {
    Random random(subject.seed);
    for (std::size_t node = 0; node < subject.network.nodes().size(); ++node) {
        Layer& layer = subject.network.layer(node);
        const std::string& name = subject.network.nodes()[node].name;
        const Array want = reference_forward(layer, inputs_in_double(subject.network, subject.trace, node, false),
                                             parameters_of(layer));
        const double tolerance = precision * size_of(subject.network, subject.trace, node);
        std::string wrong = compare(subject.trace.values[node + 1], want, tolerance, "output");
        if (wrong.empty()) wrong = check_gradients(subject, node, random);
        if (!wrong.empty()) return name + ", " + wrong;
    }
    return {};
}

std::string check_adjoints(Subject& subject) {
    Random random(subject.seed + 1);
    for (std::size_t node = 0; node < subject.network.nodes().size(); ++node) {
        const auto* layer = dynamic_cast<const WeightedLayer*>(subject.network.nodes()[node].layer.get());
        if (layer == nullptr) continue;
        const Tensor& x = subject.trace.values[subject.network.nodes()[node].inputs[0]];
        const PreparedWeights other = layer->prepare(random_tensor(layer->weight().shape(), random), nullptr);
        const Tensor v = random_tensor(subject.trace.values[node + 1].shape(), random);
        Tensor z = unwritten(v.shape()), back = unwritten(x.shape()), product = unwritten(x.shape());
        layer->apply(x, other, z);
        layer->adjoint(v, other, back);
        const double size = std::sqrt(dot(z, z) * dot(v, v)) + std::sqrt(dot(x, x) * dot(back, back));
        if (!(std::abs(dot(z, v) - dot(x, back)) <= 1e-5 * size + 1e-5)) {
            return fmt::format("{}, <f(x), v> = {} but <x, f'v> = {}", subject.network.nodes()[node].name, dot(z, v),
                               dot(x, back));
        }
        layer->adjoint_times(v, other, x, product);
        Array want(x);
        for (std::size_t i = 0; i < want.data.size(); ++i) want.data[i] *= static_cast<double>(back.data()[i]);
        const double tolerance = 1e-5 * largest(x) * largest(back) + 1e-5;
        if (std::string wrong = compare(product, want, tolerance, "x times the adjoint"); !wrong.empty()) return wrong;
    }
    return {};
}

}  // namespace pellucid::test
