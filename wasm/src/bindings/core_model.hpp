/// A network in the core, and a run of a method on it, as JavaScript holds them.
#pragma once

#include "convert.hpp"

#include <memory>
#include <optional>
#include <string>

namespace pellucid::wasm {

class CoreModel {
public:
    /// Reads an ONNX file (Uint8Array): {input, layers, classes, head, range, metadata}, or a failure.
    val open(const val& bytes);
    /// The same with the files that hold its larger arrays, {name: Uint8Array}; a single one may be called "".
    val open_with_data(const val& bytes, const val& data);
    /// The range of its input, as a text, in place of the model's own; answers as open(). To be called before anything else.
    val declare_range(const std::string& range);
    /// Shares of ink (0 paper, 1 ink) as values of the network's input, or a failure.
    val ink(const val& shares) const;
    /// Gives the network its patterns, an ONNX file (Uint8Array): true, or a failure.
    val set_patterns(const val& bytes);
    /// {output, logits, probabilities, predicted}. Shares the recorded pass with explanations of the same input.
    val predict(const val& input);

    const std::shared_ptr<Explainer>& explainer() const { return explainer_; }
    /// Exactly one sample of the network's shape, all of it finite and within the network's range.
    Tensor read_input(const val& input) const;

private:
    std::shared_ptr<Explainer> explainer_;
};

class CoreRun {
public:
    /// To be called before start(): the snapshot then has the relevance of every layer.
    void keep_layers() { layers_ = true; }
    /// {parts, independent}, or a failure.
    val start(const CoreModel& model, const std::string& method, const val& input, const std::string& target,
              const val& params);
    /// The next part: true where one was left.
    val step();
    val snapshot();
    /// What a unit received, where layers are kept.
    val received(const std::string& unit, std::size_t strongest);
    double progress() const { return run_ ? run_->progress() : 0.0; }
    /// Part → array of {data, shape}, and such an array → the run.
    val compute(std::size_t part);
    val absorb(std::size_t part, const val& tensors);

private:
    std::shared_ptr<Explainer> explainer_;  // outlives run_
    std::string method_;
    std::optional<Params> params_;
    Target target_;
    bool layers_ = false;
    std::unique_ptr<Run> run_;
};

}  // namespace pellucid::wasm
