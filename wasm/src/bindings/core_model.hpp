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
    /// The range of its input, as a text, in place of the model's own; answers as open(). To be called before anything
    /// else.
    val declare_range(const std::string& range);
    /// Changes of its units for good (methods/inside/without.hpp), an array of texts; answers as open(). To be called
    /// before anything is attached.
    val without(const val& changes);
    /// Shares of ink (0 paper, 1 ink) as values of the network's input, or a failure.
    val ink(const val& shares) const;
    /// Gives methods what they need beside the network, by role: a file's bytes (Uint8Array), or for strokes a drawing.
    /// True, or a failure.
    val attach(const std::string& role, const val& what);
    /// Frees it again.
    val detach(const std::string& role);
    /// {output, logits, probabilities, predicted, vacuity} of one sample. Shares the recorded pass with explanations of
    /// the same input.
    val predict(const val& input);
    /// [{layer, values}] of one sample, the input first.
    val values(const val& input);
    /// The arithmetic of the unit "LAYER/c,y,x" for one sample.
    val computed(const val& input, const std::string& unit);

    const std::shared_ptr<Explainer>& explainer() const { return explainer_; }
    /// Samples of the network's shape, all of it finite and within the network's range.
    Tensor read_input(const val& input) const;

private:
    const Trace& trace_of_one(const val& input);

    std::shared_ptr<Explainer> explainer_;
};

class CoreRun {
public:
    /// To be called before start(): the snapshot then has the relevance of every layer.
    void keep_layers() { layers_ = true; }
    /// `target`: a text, or an array of texts, one for each sample. True, or a failure.
    val start(const CoreModel& model, const std::string& method, const val& input, const val& target,
              const val& params);
    /// The next part: true where one was left.
    val step();
    // How far the run is; see State in methods/run.hpp.
    std::size_t done() const { return run_ ? run_->done() : 0; }
    std::size_t most() const { return run_ ? run_->most() : 0; }
    bool finished() const { return !run_ || run_->finished(); }
    /// Whether its parts, most() of them, may be computed apart.
    bool independent() const { return run_ && run_->independent(); }
    val snapshot();
    /// What a unit received, where layers are kept.
    val received(const std::string& unit, std::size_t strongest);
    /// Part → array of {data, shape}, and such an array → the run.
    val compute(std::size_t part);
    val absorb(std::size_t part, const val& tensors);

private:
    std::shared_ptr<Explainer> explainer_;  // outlives run_
    std::string method_;
    std::optional<Params> params_;
    std::vector<Target> targets_;
    bool layers_ = false;
    std::unique_ptr<Run> run_;
};

}  // namespace pellucid::wasm
