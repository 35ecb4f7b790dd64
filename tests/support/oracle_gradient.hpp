/// Gradients of single layers in double, written out rather than by differences: exact for any size.
#pragma once

#include "support/oracle.hpp"

namespace pellucid::test {

struct LayerGradients {
    std::vector<Array> inputs;      ///< Jᵀ·incoming for every input
    std::vector<Array> parameters;  ///< summed over the batch, in the order of Layer::parameters()
};

/// Of Σ incoming·f(inputs) with the layer's own parameters.
LayerGradients reference_gradients(Layer& layer, const std::vector<Array>& inputs, const Array& incoming);

}  // namespace pellucid::test
