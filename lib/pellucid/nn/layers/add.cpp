/// Sum of two values, as at the end of a residual block.
///
/// Formula   y = a + b; backward: both inputs get the incoming gradient
/// Shapes    a, b, y the same
/// Cost      one addition per element forward, a copy per input backward
#include "pellucid/error.hpp"
#include "pellucid/nn/layers.hpp"

#include <algorithm>

namespace pellucid {

Shape Add::output_shape(std::span<const Shape> inputs) const {
    if (inputs.size() != 2) fail(ErrorCode::bad_argument, "Add reads two values, not {}", inputs.size());
    if (inputs[0] != inputs[1]) {
        fail(ErrorCode::bad_shape, "Add cannot sum {} and {}: the shapes must be the same", to_string(inputs[0]),
             to_string(inputs[1]));
    }
    return inputs[0];
}

void Add::forward(std::span<const Tensor* const> inputs, Tensor& output, Record&) const {
    simd::kernels().add(output.size(), inputs[0]->data(), inputs[1]->data(), output.data());
}

void Add::input_gradient(const Step&, const Tensor& incoming, std::span<Tensor* const> gradients) const {
    for (Tensor* gradient : gradients) {
        if (gradient != nullptr) std::copy_n(incoming.data(), incoming.size(), gradient->data());
    }
}

}  // namespace pellucid
