/// Softmax over the channels, at every position.
///
/// Formula   y_c = exp(x_c − max x)/Σ_k exp(x_k − max x); backward: y ⊙ (g − Σ_k g_k·y_k)
/// Shapes    any, unchanged
/// Cost      one exponential per element forward, two products per element backward
#include "pellucid/nn/layers.hpp"

#include <algorithm>
#include <cmath>

namespace pellucid {

void Softmax::forward(std::span<const Tensor* const> inputs, Tensor& output, Record&) const {
    const std::size_t channels = output.shape()[3];
    for (std::size_t i = 0; i < output.size(); i += channels) {
        const float* x = inputs[0]->data() + i;
        float* y = output.data() + i;
        const float largest = *std::max_element(x, x + channels);
        float sum = 0.0F;
        for (std::size_t c = 0; c < channels; ++c) sum += y[c] = std::exp(x[c] - largest);
        for (std::size_t c = 0; c < channels; ++c) y[c] /= sum;
    }
}

void Softmax::input_gradient(const Step& step, const Tensor& incoming, std::span<Tensor* const> gradients) const {
    if (gradients[0] == nullptr) return;
    const std::size_t channels = incoming.shape()[3];
    for (std::size_t i = 0; i < incoming.size(); i += channels) {
        const float* y = step.output.data() + i;
        const float* g = incoming.data() + i;
        float* out = gradients[0]->data() + i;
        float dot = 0.0F;
        for (std::size_t c = 0; c < channels; ++c) dot += g[c] * y[c];
        for (std::size_t c = 0; c < channels; ++c) out[c] = y[c] * (g[c] - dot);
    }
}

}  // namespace pellucid
