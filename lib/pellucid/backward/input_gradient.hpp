/// Gradients at a network's input, where nothing between is asked for.
///
/// The same numbers as a recorded forward pass and the engine with the rule `gradient` everywhere, with less traffic
/// (nn/stages.hpp). Cost: one forward pass and one adjoint of every layer below the target.
/// Along a straight line, where the network begins with a convolution or dense layer, that layer costs one forward pass
/// for each end of the line and one adjoint for all points together.
#pragma once

#include "pellucid/function_ref.hpp"
#include "pellucid/nn/stages.hpp"

#include <memory>
#include <optional>
#include <vector>

namespace pellucid {

class InputGradient {
public:
    /// The network must outlive this. Not thread-safe. The value `apart`, if it is not the input, can be read in
    /// traces, and signal() goes down to it.
    explicit InputGradient(const Network& network, ValueId apart = 0) : network_(network), apart_(apart) {}

    /// Evaluates a batch up to value `until`, which is there to be read in the trace.
    const Trace& forward(const Tensor& input, ValueId until);

    /// ∂(Σ seed·values[until])/∂input of the last forward pass; valid until the next.
    const Tensor& backward(const Tensor& seed);

    /// Both at once, of whatever has a gradient by that value: `seed_of` reads the trace up to `value` and adds its
    /// gradient to `seed`, which is shaped like the value and 0 everywhere.
    const Tensor& pullback(const Tensor& input, ValueId value, FunctionRef<void(const Trace&, Tensor& seed)> seed_of);

    /// Points of a straight line between two inputs (1, h, w, c): from + alpha·(to − from).
    struct Line {
        const Tensor& from;
        const Tensor& to;
        std::span<const float> alphas;
    };
    /// Evaluates those points as a batch.
    const Trace& forward(const Line& line, ValueId until);
    /// ∂(Σ seed·values[until])/∂values[apart] of the last forward pass, of whatever form; valid until the next.
    const Tensor& signal(const Tensor& seed);
    /// Σ_k weights[k]·∂(Σ seed·values[until])/∂input over the points of the last such pass, (1, h, w, c).
    const Tensor& backward(const Tensor& seed, std::span<const float> weights);

private:
    /// For batches of one size.
    struct Memory {
        std::size_t batch = 0;
        Trace trace;
        Stages::Signals signals;
    };
    Memory& memory_for(std::size_t batch);
    void prepare(std::size_t batch, ValueId until);
    void begin(const Tensor& seed);
    const Tensor& finish();
    void meet(const Tensor& from, const Tensor& to);

    const Network& network_;
    ValueId apart_;
    std::optional<Stages> stages_;
    std::vector<std::unique_ptr<Memory>> memories_;
    Memory* current_ = nullptr;

    /// The layer that a network begins with, and what it makes of a line, whose points come in several batches.
    struct Entrance {
        const WeightedLayer& layer;
        Tensor ends;   ///< from and to
        Tensor start;  ///< what the layer makes of `from`,
        Tensor slope;  ///< and how that changes on the way to `to`
        Tensor sum;
    };
    std::unique_ptr<Entrance> entrance_;  ///< null where there is none
    Tensor points_;                       ///< of a line, without an entrance
    Tensor answer_;
};

}  // namespace pellucid
