/// Logarithm of the softmax over the channels, at every position.
///
/// Formula   y_c = x_c − m − log Σ_k exp(x_k − m), m = max x; backward: g − exp(y)·Σ_k g_k
/// Shapes    any, unchanged
/// Cost      one exponential per element forward and backward
#include "pellucid/nn/layers.hpp"

#include <algorithm>
#include <cmath>

namespace pellucid {

void LogSoftmax::forward(std::span<const Tensor* const> inputs, Tensor& output, Record&) const {
    const std::size_t channels = output.shape()[3];
    for (std::size_t i = 0; i < output.size(); i += channels) {
        const float* x = inputs[0]->data() + i;
        float* y = output.data() + i;
        const float largest = *std::max_element(x, x + channels);
        float sum = 0.0F;
        for (std::size_t c = 0; c < channels; ++c) sum += std::exp(x[c] - largest);
        const float logarithm = std::log(sum);
        for (std::size_t c = 0; c < channels; ++c) y[c] = x[c] - largest - logarithm;
    }
}

void LogSoftmax::input_gradient(const Step& step, const Tensor& incoming, std::span<Tensor* const> gradients) const {
    if (gradients[0] == nullptr) return;
    const std::size_t channels = incoming.shape()[3];
    for (std::size_t i = 0; i < incoming.size(); i += channels) {
        const float* y = step.output.data() + i;
        const float* g = incoming.data() + i;
        float* out = gradients[0]->data() + i;
        float sum = 0.0F;
        for (std::size_t c = 0; c < channels; ++c) sum += g[c];
        for (std::size_t c = 0; c < channels; ++c) out[c] = g[c] - std::exp(y[c]) * sum;
    }
}

}  // namespace pellucid
