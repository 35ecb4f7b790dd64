/// A network as stages, for passes that ask for nothing between: a convolution or dense layer, the ReLU and the 2×2
/// max-pool behind it and a Flatten are one, and what lies between them is never written.
///
/// Convolutions that follow one another are done sample by sample, so that what one puts out is still in the nearest cache
/// when the next reads it; of their signals only the last is written for the whole batch.
///
/// The numbers are those of the layers one by one. Behind a max-pool a ReLU's gradient is that of the maxima, so the
/// gate stands before the pool's own gradient, where there are four times fewer numbers.
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
        ValueId value;     ///< what it puts out
        const Conv2d* conv = nullptr;
        const Dense* dense = nullptr;
        bool relu = false;
        bool pool = false;  ///< its switches are in the record of the first node
        /// A convolution that no max-pool is behind but its own may sum in ways that tell columns of a flat image apart, by
        /// which the ties of that later pool would go elsewhere: one without a pool that reads a ReLU's output, much of
        /// which is 0, goes from value to value; with Forms::fast, the fast 3×3 form is taken. What leaves a pool's own
        /// ties where they are, kernels choose themselves.
        bool sparse = false;
        bool fast = false;
        bool gated = false;    ///< dense, reads a ReLU's output, whose gate will take what is sent back to a 0
        bool chained = false;  ///< a convolution that alone reads what the stage before it, one as well, puts out
    };

    /// Whether convolutions may take the fast 3×3 form, whose weights are transformed once: not while they change.
    enum class Forms : std::uint8_t { direct, fast };

    /// Everything that value `until` depends on. The network must outlive this and keep its graph; weights may change.
    Stages(const Network& network, ValueId until, Forms forms = Forms::direct);

    const std::vector<Stage>& list() const { return list_; }
    ValueId until() const { return until_; }

    /// The layer of the first stage, where it alone reads the input and is one with weights: affine up to its ReLU and
    /// pool, so that what it makes of points of a straight line lies on one as well. Null otherwise.
    const WeightedLayer* entrance() const;

    /// Network::forward, but of the trace's values only those that stages put out are written.
    void forward(const Tensor& input, Trace& trace) const;
    /// The same for points of a straight line behind the entrance, which makes start + alpha·slope of them: (1, h, w, c).
    void forward(const Tensor& start, const Tensor& slope, std::span<const float> alphas, Trace& trace) const;

    /// What a backward walk carries. Reused for batches of one size it allocates nothing.
    struct Signals {
        std::vector<Tensor> values;  ///< per value
        std::vector<char> known;     ///< per value: whether a signal has arrived
        Tensor aside;                ///< a second reader's signal before it is added
    };

    /// Readies `signals` for a walk: the tensor to fill with the signal of until().
    Tensor& begin(Signals& signals) const;

    /// Carries that signal down over the stages of a forward pass to the input, or to what the first `stay` stages put out.
    /// A value with several readers gets their sum; of those between only some are known afterwards.
    void backward(const Trace& trace, Signals& signals, std::size_t stay = 0) const;

    /// The same to the values marked in `wanted`, whose signals are all known afterwards. `visit(stage, step, incoming)`
    /// sees each stage that a signal arrives at, the signal taken back over its ReLU.
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

    /// Carries that signal down to the entrance and sums it there over the points of a line, times weights; false where
    /// none arrives. sum (1, h, w, c) as `start`.
    bool backward(const Trace& trace, Signals& signals, std::span<const float> weights, Tensor& sum) const;

    /// Adds to the gradients of the parameters of the stage's first node, as Layer::parameter_gradients; for a visit.
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
    std::vector<Stage> list_;
};

}  // namespace pellucid
