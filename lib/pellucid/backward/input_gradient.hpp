/// Gradients at a network's input, where nothing between is asked for.
///
/// The same numbers as a recorded forward pass and the engine with the rule `gradient` everywhere, with less traffic
/// (nn/stages.hpp). Cost: one forward pass and one adjoint of every layer below the target.
#pragma once

#include "pellucid/nn/stages.hpp"

#include <memory>
#include <optional>
#include <vector>

namespace pellucid {

class InputGradient {
public:
    /// The network must outlive this. Not thread-safe.
    explicit InputGradient(const Network& network) : network_(network) {}

    /// Evaluates a batch up to value `until`, which is there to be read in the trace.
    const Trace& forward(const Tensor& input, ValueId until);

    /// ∂(Σ seed·values[until])/∂input of the last forward pass; valid until the next.
    const Tensor& backward(const Tensor& seed);

private:
    /// For batches of one size.
    struct Memory {
        std::size_t batch = 0;
        Trace trace;
        Stages::Signals signals;
    };
    Memory& memory_for(std::size_t batch);

    const Network& network_;
    std::optional<Stages> stages_;
    std::vector<std::unique_ptr<Memory>> memories_;
    Memory* current_ = nullptr;
};

}  // namespace pellucid
