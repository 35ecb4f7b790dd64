/// Softmax over the channels, at every position, and its logarithm.
///
/// Formula   Softmax: y_c = exp(x_c)/Σ_k exp(x_k); backward: y ⊙ (g − Σ_k g_k·y_k)
///           LogSoftmax: y_c = x_c − log Σ_k exp(x_k); backward: g − exp(y)·Σ_k g_k
/// Shapes    any, unchanged
/// Cost      one exponential per element forward, of LogSoftmax another one backward
#include "pellucid/nn/softmax.hpp"

#include "pellucid/nn/layers.hpp"

namespace pellucid {

namespace {

/// Calls row(first element) for the channels of every position.
template <typename Row>
void each_position(const Tensor& tensor, const Row& row) {
    for (std::size_t i = 0; i < tensor.size(); i += tensor.shape()[3]) row(i);
}

}  // namespace

void Softmax::forward(std::span<const Tensor* const> inputs, Tensor& output, Record&) const {
    const std::size_t channels = output.shape()[3];
    each_position(output, [&](std::size_t i) {
        softmax(std::span(inputs[0]->data() + i, channels), std::span(output.data() + i, channels));
    });
}

void Softmax::input_gradient(const Step& step, const Tensor& incoming, std::span<Tensor* const> gradients) const {
    if (gradients[0] == nullptr) return;
    const std::size_t channels = incoming.shape()[3];
    each_position(incoming, [&](std::size_t i) {
        const float* y = step.output.data() + i;
        const float* g = incoming.data() + i;
        float* out = gradients[0]->data() + i;
        float dot = 0.0F;
        for (std::size_t c = 0; c < channels; ++c) dot += g[c] * y[c];
        for (std::size_t c = 0; c < channels; ++c) out[c] = y[c] * (g[c] - dot);
    });
}

void LogSoftmax::forward(std::span<const Tensor* const> inputs, Tensor& output, Record&) const {
    const std::size_t channels = output.shape()[3];
    each_position(output, [&](std::size_t i) {
        log_softmax(std::span(inputs[0]->data() + i, channels), std::span(output.data() + i, channels));
    });
}

void LogSoftmax::input_gradient(const Step& step, const Tensor& incoming, std::span<Tensor* const> gradients) const {
    if (gradients[0] == nullptr) return;
    const std::size_t channels = incoming.shape()[3];
    each_position(incoming, [&](std::size_t i) {
        const float* y = step.output.data() + i;
        const float* g = incoming.data() + i;
        float* out = gradients[0]->data() + i;
        float sum = 0.0F;
        for (std::size_t c = 0; c < channels; ++c) sum += g[c];
        for (std::size_t c = 0; c < channels; ++c) out[c] = g[c] - std::exp(y[c]) * sum;
    });
}

}  // namespace pellucid
