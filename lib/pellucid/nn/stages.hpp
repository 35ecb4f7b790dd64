/// A network cut into stages, for forward and backward passes whose caller does not need every intermediate value.
///
/// A stage is a convolution or dense layer together with the ReLU, the 2×2 max-pool and the Flatten that directly
/// follow it. One kernel computes the whole stage, so the values inside a stage are never written to memory.
///
/// Consecutive convolutions are computed sample by sample: the output of one is then still in the first-level cache
/// when the next one reads it. In the backward pass only the signal of the last of them is written for the whole batch.
///
/// The results equal those of the layers computed one by one. A ReLU before a max-pool lets a gradient through exactly
/// where the maximum is positive, so its gate is applied to the pool's incoming signal, which has four times fewer
/// elements than the ReLU's own output.
#pragma once

#include "pellucid/nn/network.hpp"

#include <span>
#include <utility>
#include <vector>

namespace pellucid {

class Conv2d;
class Dense;
class WeightedLayer;

namespace detail {
struct Correlation;
}

class Stages {
public:
    struct Stage {
        std::size_t node;  ///< its first node, whose inputs it reads and which may have parameters
        ValueId value;     ///< its output
        const Conv2d* conv = nullptr;
        const Dense* dense = nullptr;
        bool relu = false;
        bool pool = false;  ///< the positions of the maxima (switches) are in the record of the first node
        /// Two faster ways of summing a convolution, `sparse` (skips inputs that are 0) and `fast` (Winograd's 3×3
        /// form), add the products in an order that depends on the column. On a flat image neighbouring outputs are
        /// then equal only up to rounding, and a max-pool further on, which resolves ties by taking the first maximum,
        /// would choose another position than it does for the plain sums. So they are used only where no further
        /// max-pool follows: `sparse` for a convolution without a pool that reads a ReLU's output, much of which is 0,
        /// and `fast` where Forms::fast allows it. Forms that keep the ties of the stage's own pool are chosen by the
        /// kernels themselves.
        bool sparse = false;
        bool fast = false;
        bool gated = false;    ///< a dense layer that reads a ReLU's output: it sends nothing back where that is 0
        bool chained = false;  ///< a convolution that is the only reader of the stage before it, also a convolution
    };

    /// Whether convolutions may take Winograd's 3×3 form. Its weights are transformed once, so it is not for training,
    /// where the weights change.
    enum class Forms : std::uint8_t { direct, fast };

    /// The stages that value `until` depends on. The network must outlive this object and keep its graph; its weights
    /// may change (Forms::direct). The value `apart`, if it is not the input, ends a stage, so that it is written, and
    /// signals can be taken down to it.
    Stages(const Network& network, ValueId until, Forms forms = Forms::direct, ValueId apart = 0);

    const std::vector<Stage>& list() const { return list_; }
    ValueId until() const { return until_; }

    /// The layer of the first stage, if it has weights and is the only reader of the input; null otherwise. Such a
    /// layer is affine up to its ReLU and pool, so it maps points of a straight line to points of a straight line:
    /// passes over the points of a line (integrated gradients) compute it twice in all instead of once per point.
    const WeightedLayer* entrance() const;

    /// Network::forward, except that of the trace's values only the outputs of stages are written.
    void forward(const Tensor& input, Trace& trace) const;
    /// The same for the points of a straight line: behind the entrance, point k is start + alphas[k]·slope, both
    /// (1, h, w, c).
    void forward(const Tensor& start, const Tensor& slope, std::span<const float> alphas, Trace& trace) const;

    /// The memory of a backward pass. Reused for batches of one size it allocates nothing.
    struct Signals {
        std::vector<Tensor> values;  ///< per value
        std::vector<char> known;     ///< per value: whether a signal has arrived
        Tensor aside;                ///< the signal from a value's second reader, before it is added to the first's
    };

    /// Prepares `signals` for a backward pass and returns the tensor that the caller fills with the signal of until().
    Tensor& begin(Signals& signals) const;

    /// Propagates that signal back through the stages of a forward pass to the input, or to the outputs of the first
    /// `stay` stages. A value with several readers gets the sum of their signals. Of the values in between only some
    /// are known afterwards.
    void backward(const Trace& trace, Signals& signals, std::size_t stay = 0) const;

    /// The same down to the value `apart`, whose signal, if any arrives, is known afterwards.
    void backward_to_apart(const Trace& trace, Signals& signals) const;

    /// The same for the values marked in `wanted`, whose signals are all known afterwards. `visit(stage, step,
    /// incoming)` is called for each stage that a signal arrives at; `incoming` is the signal behind the gate of the
    /// stage's ReLU.
    template <class Visit>
    void backward(const Trace& trace, Signals& signals, std::span<const char> wanted, const Visit& visit) const {
        for (auto stage = list_.rbegin(); stage != list_.rend(); ++stage) {
            if (!signals.known[stage->value]) continue;
            LayerInputs storage;
            const Step step = step_of(*stage, trace, storage);
            gate(*stage, step, signals.values[stage->value]);
            visit(*stage, step, std::as_const(signals.values[stage->value]));
            const auto number = static_cast<std::size_t>(list_.rend() - stage) - 1;
            pass_down(number, number, trace, signals, wanted);
        }
    }

    /// Propagates that signal back to the entrance and adds it up there over the points of a line:
    /// sum = Σ_k weights[k]·signal[k], (1, h, w, c) as `start`. Returns false where no signal arrives.
    bool backward(const Trace& trace, Signals& signals, std::span<const float> weights, Tensor& sum) const;

    /// Adds to the gradients of the parameters of the stage's first node, as Layer::parameter_gradients does. To be
    /// called from `visit`.
    void parameter_gradients(const Stage& stage, const Step& step, const Tensor& incoming,
                             std::span<Tensor> gradients) const;

private:
    void forward_from(std::size_t first, std::size_t batch, Trace& trace) const;
    void prepare(const Stage& stage, std::size_t batch, Trace& trace) const;
    detail::Correlation correlation(const Stage& stage, const Trace& trace) const;
    void convolve(const Stage& stage, Trace& trace, std::size_t n) const;
    Step step_of(const Stage& stage, const Trace& trace, LayerInputs& storage) const;
    void gate(const Stage& stage, const Step& step, Tensor& incoming) const;
    void pass_down(std::size_t first, std::size_t last, const Trace& trace, Signals& signals,
                   std::span<const char> wanted) const;
    void convolve_back(std::size_t first, std::size_t last, const Trace& trace, const Tensor& incoming,
                       Tensor& gradient) const;

    const Network& network_;
    ValueId until_;
    Forms forms_;
    ValueId apart_;
    std::vector<char> above_apart_;  ///< per value: whether it depends on that one, as it does itself
    std::vector<Stage> list_;
};

}  // namespace pellucid
