/// Linear classifiers, of which attacks have closed forms.
#pragma once

#include "pellucid/nn/layers.hpp"
#include "pellucid/nn/network.hpp"

namespace pellucid::test {

/// z = Wᵀx + b on images (height, width, 1); weight (1, 1, height·width, classes).
inline Network linear_network(std::size_t height, std::size_t width, const Tensor& weight, const Tensor& bias) {
    Network network(Shape{1, height, width, 1});
    network.add("flat", std::make_unique<Flatten>());
    network.add("dense", std::make_unique<Dense>(weight, bias));
    return network;
}

}  // namespace pellucid::test
