/// The contract of a layer, checked against the reference in double.
#pragma once

#include "oracle.hpp"

#include <cstdint>

namespace pellucid::test {

struct CheckOptions {
    std::uint32_t seed = 1;
    bool training = false;    ///< Record::training of the forward pass
    double tolerance = 1e-5;  ///< relative to the largest entry
};

/// Checks output shape, forward, input gradients (all, and each on its own) and parameter gradients of a layer on
/// normally distributed inputs of these shapes; for layers with weights also that apply and adjoint are adjoint.
/// Gradients are compared with central differences of the reference.
void check_layer(Layer& layer, const std::vector<Shape>& inputs, const CheckOptions& options = {});

}  // namespace pellucid::test
