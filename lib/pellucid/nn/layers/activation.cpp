/// Element-wise non-linearities, with the numbers a and b of those that have some.
///
/// Formula   relu max(x, 0); leaky_relu x > 0 ? x : a·x; sigmoid σ(x) = 1/(1 + exp(−x)); tanh;
///           clip min(max(x, a), b); elu x > 0 ? x : a(eˣ − 1); celu x > 0 ? x : a(e^(x/a) − 1); selu b·elu(x);
///           softplus log(1 + eˣ); softsign x/(1 + |x|); hard_sigmoid min(max(a·x + b, 0), 1);
///           hard_swish x·hard_sigmoid(x) with a = 1/6, b = 1/2; swish x·σ(x); gelu x·Φ(x) = x(1 + erf(x/√2))/2;
///           gelu_tanh x(1 + tanh(√(2/π)(x + 0.044715x³)))/2; mish x·tanh(softplus(x)); erf
/// Shapes    any, unchanged
/// Deviates  at a bend the gradient is that of the left side (relu passes nothing at 0); clip passes nothing at a and b
/// Cost      one pass over the elements, forward and backward
#include "pellucid/error.hpp"
#include "pellucid/nn/layers.hpp"
#include "pellucid/nn/layers/work.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

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

/// Of a leaky ReLU, below 0 and above: picked from a table, since a branch on a sign is guessed wrong half the time.
std::array<float, 2> slopes(float below) { return {below, 1.0F}; }

double sigmoid_of(double x) { return 1 / (1 + std::exp(-x)); }
double softplus_of(double x) { return std::max(x, 0.0) + std::log1p(std::exp(-std::abs(x))); }
/// Of the normal distribution.
double density(double x) { return std::exp(-0.5 * x * x) * std::numbers::inv_sqrtpi / std::numbers::sqrt2; }

constexpr double gelu_cubic = 0.044715;
constexpr double gelu_slope = std::numbers::sqrt2 * std::numbers::inv_sqrtpi;  // √(2/π)
double gelu_inner(double x) { return gelu_slope * (x + gelu_cubic * x * x * x); }

}  // namespace

Activation::Activation(Function function, float a, float b) : function_(function), a_(a), b_(b) {
    // A clip without one of its ends has an infinite one.
    const auto sound = [&](float number) {
        return function == Function::clip ? !std::isnan(number) : std::isfinite(number);
    };
    if (!sound(a) || !sound(b))
        fail(ErrorCode::bad_argument, "the numbers of {} must be finite ones, not {} and {}", op(), a, b);
}

std::string_view Activation::op() const {
    switch (function_) {
        case Function::relu: return "Relu";
        case Function::leaky_relu: return "LeakyRelu";
        case Function::sigmoid: return "Sigmoid";
        case Function::tanh: return "Tanh";
        case Function::clip: return "Clip";
        case Function::elu: return "Elu";
        case Function::celu: return "Celu";
        case Function::selu: return "Selu";
        case Function::softplus: return "Softplus";
        case Function::softsign: return "Softsign";
        case Function::hard_sigmoid: return "HardSigmoid";
        case Function::hard_swish: return "HardSwish";
        case Function::swish: return "Swish";
        case Function::gelu:
        case Function::gelu_tanh: return "Gelu";
        case Function::mish: return "Mish";
        case Function::erf: return "Erf";
    }
    return "Relu";
}

double Activation::at(double x) const {
    const double a = a_, b = b_;
    switch (function_) {
        case Function::relu: return std::max(x, 0.0);
        case Function::leaky_relu: return x > 0 ? x : a * x;
        case Function::sigmoid: return sigmoid_of(x);
        case Function::tanh: return std::tanh(x);
        case Function::clip: return std::min(std::max(x, a), b);
        case Function::elu: return x > 0 ? x : a * std::expm1(x);
        case Function::celu: return x > 0 ? x : a * std::expm1(x / a);
        case Function::selu: return b * (x > 0 ? x : a * std::expm1(x));
        case Function::softplus: return softplus_of(x);
        case Function::softsign: return x / (1 + std::abs(x));
        case Function::hard_sigmoid: return std::min(std::max(a * x + b, 0.0), 1.0);
        case Function::hard_swish: return x * std::min(std::max(x / 6 + 0.5, 0.0), 1.0);
        case Function::swish: return x * sigmoid_of(x);
        case Function::gelu: return 0.5 * x * (1 + std::erf(x / std::numbers::sqrt2));
        case Function::gelu_tanh: return 0.5 * x * (1 + std::tanh(gelu_inner(x)));
        case Function::mish: return x * std::tanh(softplus_of(x));
        case Function::erf: return std::erf(x);
    }
    return x;
}

double Activation::derivative(double x) const {
    const double a = a_, b = b_;
    switch (function_) {
        case Function::relu: return x > 0 ? 1 : 0;
        case Function::leaky_relu: return x > 0 ? 1 : a;
        case Function::sigmoid: return sigmoid_of(x) * (1 - sigmoid_of(x));
        case Function::tanh: return 1 - std::tanh(x) * std::tanh(x);
        case Function::clip: return x > a && x < b ? 1 : 0;
        case Function::elu: return x > 0 ? 1 : a * std::exp(x);
        case Function::celu: return x > 0 ? 1 : std::exp(x / a);
        case Function::selu: return b * (x > 0 ? 1 : a * std::exp(x));
        case Function::softplus: return sigmoid_of(x);
        case Function::softsign: return 1 / ((1 + std::abs(x)) * (1 + std::abs(x)));
        case Function::hard_sigmoid: return a * x + b > 0 && a * x + b < 1 ? a : 0;
        case Function::hard_swish: return x <= -3 ? 0 : x > 3 ? 1 : x / 3 + 0.5;
        case Function::swish: return sigmoid_of(x) * (1 + x * (1 - sigmoid_of(x)));
        case Function::gelu: return 0.5 * (1 + std::erf(x / std::numbers::sqrt2)) + x * density(x);
        case Function::gelu_tanh: {
            const double t = std::tanh(gelu_inner(x));
            return 0.5 * (1 + t) + 0.5 * x * (1 - t * t) * gelu_slope * (1 + 3 * gelu_cubic * x * x);
        }
        case Function::mish: {
            const double t = std::tanh(softplus_of(x));
            return t + x * (1 - t * t) * sigmoid_of(x);
        }
        case Function::erf: return 2 * std::numbers::inv_sqrtpi * std::exp(-x * x);
    }
    return 1;
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
            each(output, [x, by = slopes(a_)](std::size_t i) { return by[x[i] > 0.0F ? 1 : 0] * x[i]; });
            break;
        case Function::sigmoid: each(output, [x](std::size_t i) { return 1.0F / (1.0F + std::exp(-x[i])); }); break;
        case Function::tanh: each(output, [x](std::size_t i) { return std::tanh(x[i]); }); break;
        case Function::clip:
            each(output, [x, low = a_, high = b_](std::size_t i) { return std::min(std::max(x[i], low), high); });
            break;
        default: each(output, [x, this](std::size_t i) { return static_cast<float>(at(static_cast<double>(x[i]))); });
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
            each(*gradients[0], [x, g, by = slopes(a_)](std::size_t i) { return by[x[i] > 0.0F ? 1 : 0] * g[i]; });
            break;
        case Function::sigmoid:
            each(*gradients[0], [y, g](std::size_t i) { return g[i] * y[i] * (1.0F - y[i]); });
            break;
        case Function::tanh: each(*gradients[0], [y, g](std::size_t i) { return g[i] * (1.0F - y[i] * y[i]); }); break;
        case Function::clip:
            each(*gradients[0],
                 [x, g, low = a_, high = b_](std::size_t i) { return x[i] > low && x[i] < high ? g[i] : 0.0F; });
            break;
        default:
            each(*gradients[0], [x, g, this](std::size_t i) {
                return g[i] * static_cast<float>(derivative(static_cast<double>(x[i])));
            });
    }
}

}  // namespace pellucid
