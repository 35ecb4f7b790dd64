/// An independent reference of every layer: scalar loops in double, written from the formulas and nothing else.
#pragma once

#include "pellucid/nn/layers.hpp"
#include "pellucid/nn/network.hpp"

#include <functional>
#include <vector>

namespace pellucid::test {

/// A tensor in double.
struct Array {
    Shape shape{};
    std::vector<double> data;

    Array() = default;
    explicit Array(const Shape& of, double value = 0.0) : shape(of), data(element_count(of), value) {}
    explicit Array(const Tensor& tensor) : shape(tensor.shape()), data(tensor.data(), tensor.data() + tensor.size()) {}

    double& at(std::size_t n, std::size_t y, std::size_t x, std::size_t c) {
        return data[((n * shape[1] + y) * shape[2] + x) * shape[3] + c];
    }
    double at(std::size_t n, std::size_t y, std::size_t x, std::size_t c) const {
        return data[((n * shape[1] + y) * shape[2] + x) * shape[3] + c];
    }
};

/// The layer's parameters in double, in the order of Layer::parameters().
std::vector<Array> parameters_of(Layer& layer);

/// f(inputs) with these parameters. Of the record, dropout's mask is used.
Array reference_forward(const Layer& layer, const std::vector<Array>& inputs, const std::vector<Array>& parameters,
                        const Record& record = {});

/// Every value of the network for a batch: result[ValueId].
std::vector<Array> reference_forward(const Network& network, const Array& input);

/// Σ a·b.
double dot(const Array& a, const Array& b);
double dot(const Tensor& a, const Tensor& b);

/// ∂function/∂variable by central differences; `function` reads `variable`, which is restored.
Array numeric_gradient(const std::function<double()>& function, Array& variable, double step = 1e-5);

/// Largest |a − b|, relative to the largest |b| (or to 1e−3 where b is smaller than that); infinity for NaN or where
/// the shapes differ.
double relative_error(const Tensor& a, const Array& b);
double relative_error(const Tensor& a, const Tensor& b);

}  // namespace pellucid::test
