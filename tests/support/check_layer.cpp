#include "check_layer.hpp"

#include "random_tensor.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

namespace pellucid::test {

namespace {

/// Entries that are not written show as NaN.
Tensor unwritten(const Shape& shape) { return filled(shape, std::numeric_limits<float>::quiet_NaN()); }

void check_adjoint(const WeightedLayer& layer, const Shape& input, const Shape& output, Random& random) {
    const Tensor weight = random_tensor(layer.weight().shape(), random);
    const PreparedWeights other = layer.prepare(weight, nullptr);
    const Tensor x = random_tensor(input, random);
    const Tensor s = random_tensor(output, random);
    Tensor z = unwritten(output);
    Tensor back = unwritten(input);
    layer.apply(x, other, z);
    layer.adjoint(s, other, back);
    const double size = std::sqrt(dot(z, z) * dot(s, s)) + 1e-3;
    CHECK(std::abs(dot(z, s) - dot(x, back)) <= 1e-5 * size);

    const Tensor zero = zeros(layer.bias().shape());
    const Array expected = reference_forward(layer, {Array(x)}, {Array(weight), Array(zero)});
    CHECK(relative_error(z, expected) <= 1e-5);
}

}  // namespace

void check_layer(Layer& layer, const std::vector<Shape>& inputs, const CheckOptions& options) {
    Random random(options.seed);
    std::vector<Tensor> tensors;
    for (const Shape& shape : inputs) tensors.push_back(random_tensor(shape, random));
    std::vector<const Tensor*> pointers;
    std::vector<Array> arrays;
    for (const Tensor& tensor : tensors) {
        pointers.push_back(&tensor);
        arrays.emplace_back(tensor);
    }
    CAPTURE(std::string(layer.op()));
    CAPTURE(to_string(inputs[0]));

    Record record;
    record.training = options.training;
    record.seed = options.seed;
    Tensor output = unwritten(layer.output_shape(inputs));
    layer.forward(pointers, output, record);
    std::vector<Array> parameters = parameters_of(layer);
    CHECK(relative_error(output, reference_forward(layer, arrays, parameters, record)) <= options.tolerance);

    const Tensor incoming = random_tensor(output.shape(), random);
    const Array weights(incoming);
    const auto objective = [&] { return dot(reference_forward(layer, arrays, parameters, record), weights); };
    const Step step{pointers, output, record};

    std::vector<Tensor> gradients;
    for (const Shape& shape : inputs) gradients.push_back(unwritten(shape));
    std::vector<Tensor*> wanted;
    for (Tensor& gradient : gradients) wanted.push_back(&gradient);
    layer.input_gradient(step, incoming, wanted);
    for (std::size_t i = 0; i < inputs.size(); ++i) {
        CAPTURE(i);
        CHECK(relative_error(gradients[i], numeric_gradient(objective, arrays[i])) <= options.tolerance);

        Tensor alone = unwritten(inputs[i]);
        std::vector<Tensor*> one(inputs.size(), nullptr);
        one[i] = &alone;
        layer.input_gradient(step, incoming, one);
        CHECK(relative_error(alone, gradients[i]) == 0.0);
    }

    // Gradients are added to what is there.
    std::vector<Tensor> sums;
    for (const Array& parameter : parameters) sums.push_back(filled(parameter.shape, 0.5F));
    layer.parameter_gradients(step, incoming, sums);
    for (std::size_t i = 0; i < parameters.size(); ++i) {
        Array expected = numeric_gradient(objective, parameters[i]);
        for (double& value : expected.data) value += 0.5;
        CAPTURE(i);
        CHECK(relative_error(sums[i], expected) <= options.tolerance);
    }

    if (const auto* weighted = dynamic_cast<const WeightedLayer*>(&layer)) {
        check_adjoint(*weighted, inputs[0], output.shape(), random);
    }
}

}  // namespace pellucid::test
