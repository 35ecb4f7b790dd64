/// Element-wise non-linearities.
///
/// Formula   relu max(x, 0); leaky_relu x > 0 ? x : slope·x; sigmoid 1/(1 + exp(−x)); tanh tanh(x)
/// Shapes    any, unchanged
/// Deviates  at x = 0 the gradient of relu is 0 and that of leaky_relu its slope
/// Cost      one pass over the elements, forward and backward
#include "pellucid/nn/layers.hpp"
#include "pellucid/nn/layers/work.hpp"

#include <cmath>

namespace pellucid {

namespace {

/// Elements per task: below that the threads cost more than they save.
constexpr std::size_t elements_per_task = std::size_t{1} << 16U;

/// out[i] = function(i), over all elements.
template <typename Function>
void each(Tensor& out, Function function) {
    float* to = out.data();
    parallel_for(out.size(), elements_per_task, [&](std::size_t first, std::size_t last) {
        for (std::size_t i = first; i < last; ++i) to[i] = function(i);
    });
}

}  // namespace

std::string_view Activation::op() const {
    switch (function_) {
        case Function::relu: return "Relu";
        case Function::leaky_relu: return "LeakyRelu";
        case Function::sigmoid: return "Sigmoid";
        case Function::tanh: return "Tanh";
    }
    return "Relu";
}

void Activation::forward(std::span<const Tensor* const> inputs, Tensor& output, Record&) const {
    const float* x = inputs[0]->data();
    float* y = output.data();
    switch (function_) {
        case Function::relu:
            parallel_for(output.size(), elements_per_task, [&](std::size_t first, std::size_t last) {
                simd::kernels().relu(last - first, x + first, y + first);
            });
            break;
        case Function::leaky_relu:
            each(output, [x, slope = slope_](std::size_t i) { return x[i] > 0.0F ? x[i] : slope * x[i]; });
            break;
        case Function::sigmoid: each(output, [x](std::size_t i) { return 1.0F / (1.0F + std::exp(-x[i])); }); break;
        case Function::tanh: each(output, [x](std::size_t i) { return std::tanh(x[i]); }); break;
    }
}

void Activation::input_gradient(const Step& step, const Tensor& incoming, std::span<Tensor* const> gradients) const {
    if (gradients[0] == nullptr) return;
    const float* x = step.input().data();
    const float* y = step.output.data();
    const float* g = incoming.data();
    float* out = gradients[0]->data();
    switch (function_) {
        case Function::relu:
            parallel_for(incoming.size(), elements_per_task, [&](std::size_t first, std::size_t last) {
                simd::kernels().relu_gradient(last - first, y + first, g + first, out + first);
            });
            break;
        case Function::leaky_relu:
            each(*gradients[0], [x, g, slope = slope_](std::size_t i) { return x[i] > 0.0F ? g[i] : slope * g[i]; });
            break;
        case Function::sigmoid:
            each(*gradients[0], [y, g](std::size_t i) { return g[i] * y[i] * (1.0F - y[i]); });
            break;
        case Function::tanh: each(*gradients[0], [y, g](std::size_t i) { return g[i] * (1.0F - y[i] * y[i]); }); break;
    }
}

}  // namespace pellucid
