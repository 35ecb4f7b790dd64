/// Where a network's patterns lie.
#pragma once

#include "pellucid/methods/evaluator.hpp"

#include <string>

namespace pellucid::cli {

/// "models/lenet.onnx" → "models/lenet.patterns.onnx".
std::string patterns_beside(const std::string& model);

/// Gives the explainer the patterns of a named file, or, where none is named, those beside the model if they are there.
/// Errors name the file.
void load_patterns(Explainer& explainer, const std::string& model, const std::string& file);

}  // namespace pellucid::cli
