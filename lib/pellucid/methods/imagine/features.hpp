/// What methods share that compare a picture with the drawing by what a layer makes of them.
#pragma once

#include "pellucid/methods/imagine/synthesis.hpp"

namespace pellucid::methods {

/// The value that a layer's name, or where it is empty the target, means: of a class the logits.
ValueId layer_value(const Request& request, const std::string& layer);

/// φ(x₀) of every input at a value. Throws Error(bad_argument) where it is 0 everywhere for one: nothing to go by.
Tensor features_of(const Request& request, ValueId value);

/// weight·‖φ(x) − φ₀‖²/‖φ₀‖² (for value 0 of the pictures themselves).
optimise::Term feature_term(ValueId value, Tensor features, double weight);

/// "feature_error", ‖φ(x) − φ₀‖/‖φ₀‖, and "picture_error", ‖x − x₀‖/‖x₀‖.
std::vector<Output> error_outputs();
void add_errors(Result& result, const Request& request, const Tensor& pictures, ValueId value, const Tensor& features);

}  // namespace pellucid::methods
