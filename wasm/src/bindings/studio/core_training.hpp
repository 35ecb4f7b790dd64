/// A training as JavaScript holds it; in the second module alone.
#pragma once

#include "../core_model.hpp"
#include "pellucid/train/training_run.hpp"

#include <memory>

namespace pellucid::wasm {

class CoreTraining {
public:
    /// Of a copy of the model's network. `images`: Uint8Array, one byte per pixel, paper 0 to ink 255; `labels`:
    /// Uint8Array, one each. `options`: {epochs, batch, learningRate, seed, fresh, defence, epsilon, steps, weight},
    /// all of them. True, or a failure.
    val start(const CoreModel& model, const val& images, const val& labels, const val& options);
    /// The next batch: true where one was left.
    val step();
    std::size_t done() const { return run_ ? run_->done() : 0; }
    std::size_t most() const { return run_ ? run_->most() : 0; }
    bool finished() const { return !run_ || run_->finished(); }
    /// {loss, accuracy}, each {at, values}: Float32Arrays.
    val curves();
    /// The network as it is now, as an ONNX file (Uint8Array).
    val network();
    /// The state (Uint8Array), and the way back to it.
    val save();
    val restore(const val& state);

private:
    std::unique_ptr<train::TrainingRun> run_;
};

}  // namespace pellucid::wasm
