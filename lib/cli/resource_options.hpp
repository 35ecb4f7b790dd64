/// --with ROLE=FILE: what a method needs beside the network, as several commands take it.
#pragma once

#include "pellucid/methods/evaluator.hpp"

#include <CLI/CLI.hpp>

#include <string>
#include <vector>

namespace pellucid::cli {

/// "models/lenet.onnx", patterns → "models/lenet.patterns.onnx": where a model's own are looked for.
std::string beside_model(const std::string& model, Role role);

struct ResourceOptions {
    std::vector<std::string> with;

    void add_to(CLI::App& command);
    /// Attaches what was named, and, of what `needed` lists and nobody named, what lies beside the model. Errors name
    /// the file.
    void attach_to(Explainer& explainer, const std::string& model, const std::vector<Role>& needed) const;
};

/// Images and labels: "FOLDER" (MNIST's training images; "FOLDER#test" its test images), or an IDX or .npy file of
/// images, with labels behind a comma ("images.npy,labels.npy"); without, those of "train-labels-idx1-ubyte" beside
/// "train-images-idx3-ubyte", if they are there.
DataSet load_data_set(const std::string& place);

}  // namespace pellucid::cli
