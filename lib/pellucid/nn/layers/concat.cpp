/// The channels of two values side by side.
///
/// Formula   y[…, c] = a[…, c] for c < A, b[…, c − A] behind; backward: the two parts of the signal
/// Shapes    a (N, h, w, A), b (N, h, w, B), y (N, h, w, A + B)
/// Cost      one copy forward, one backward
#include "pellucid/error.hpp"
#include "pellucid/nn/layers.hpp"

#include <algorithm>

namespace pellucid {

Shape Concat::output_shape(std::span<const Shape> inputs) const {
    const auto [n, h, w, c] = inputs[0];
    if (inputs[1] != Shape{n, h, w, inputs[1][3]}) {
        fail(ErrorCode::bad_shape, "the channels of {} and {} cannot stand side by side: rows and columns differ",
             to_string(inputs[0]), to_string(inputs[1]));
    }
    return {n, h, w, c + inputs[1][3]};
}

void Concat::forward(std::span<const Tensor* const> inputs, Tensor& output, Record&) const {
    const std::size_t a = inputs[0]->shape()[3], b = inputs[1]->shape()[3];
    float* to = output.data();
    for (std::size_t i = 0; i < output.size() / (a + b); ++i) {
        to = std::copy_n(inputs[0]->data() + i * a, a, to);
        to = std::copy_n(inputs[1]->data() + i * b, b, to);
    }
}

void Concat::input_gradient(const Step& step, const Tensor& incoming, std::span<Tensor* const> gradients) const {
    const std::size_t a = step.inputs[0]->shape()[3], b = step.inputs[1]->shape()[3];
    for (std::size_t i = 0; i < incoming.size() / (a + b); ++i) {
        const float* from = incoming.data() + i * (a + b);
        if (gradients[0] != nullptr) std::copy_n(from, a, gradients[0]->data() + i * a);
        if (gradients[1] != nullptr) std::copy_n(from + a, b, gradients[1]->data() + i * b);
    }
}

}  // namespace pellucid
