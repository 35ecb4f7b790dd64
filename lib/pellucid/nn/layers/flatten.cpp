/// Makes vectors of images, in memory order: element (y, x, c) becomes unit (y·w + x)·C + c.
///
/// Shapes    x (N, h, w, C), y (N, 1, 1, h·w·C)
/// Cost      one copy, forward and backward
#include "pellucid/nn/layers.hpp"

#include <algorithm>

namespace pellucid {

Shape Flatten::output_shape(std::span<const Shape> inputs) const {
    return {inputs[0][0], 1, 1, sample_size(inputs[0])};
}

void Flatten::forward(std::span<const Tensor* const> inputs, Tensor& output, Record&) const {
    std::copy_n(inputs[0]->data(), output.size(), output.data());
}

void Flatten::input_gradient(const Step&, const Tensor& incoming, std::span<Tensor* const> gradients) const {
    if (gradients[0] != nullptr) std::copy_n(incoming.data(), incoming.size(), gradients[0]->data());
}

}  // namespace pellucid
