/// Optimisers: what a gradient does to the parameters.
///
/// Both keep one or two tensors of state per parameter, which a checkpoint stores. Cost: one pass over the parameters.
#pragma once

#include "pellucid/tensor.hpp"

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

namespace pellucid::optimise {

/// One parameter at one step.
struct Slot {
    Tensor* value;
    const Tensor* gradient;
    bool decays;  ///< weight decay applies (weights yes, biases no)
};

class Optimiser {
public:
    virtual ~Optimiser() = default;
    virtual std::string_view name() const = 0;

    /// Changes every slot's value once. The slots are the same, in the same order, at every call.
    void step(std::span<const Slot> slots, float learning_rate);

    /// State for a checkpoint: steps taken, and the state tensors in a fixed order (empty before the first step).
    std::uint64_t steps() const { return steps_; }
    const std::vector<Tensor>& state() const { return state_; }
    std::size_t states_per_slot() const { return states_per_slot_; }
    void restore(std::uint64_t steps, std::vector<Tensor> state);

protected:
    explicit Optimiser(std::size_t states_per_slot) : states_per_slot_(states_per_slot) {}

    /// Elements [first, last) of one slot; `state` points to the slot's state tensors.
    virtual void update(const Slot& slot, Tensor* state, std::size_t first, std::size_t last,
                        float learning_rate) const = 0;

    std::uint64_t steps_ = 0;

private:
    std::size_t states_per_slot_;
    std::vector<Tensor> state_;
};

/// Stochastic gradient descent with momentum, optionally Nesterov's:
/// g ← ∇ + decay·w; v ← momentum·v + g; w ← w − rate·(nesterov ? g + momentum·v : v).
class Sgd final : public Optimiser {
public:
    struct Options {
        float momentum = 0.9F;      ///< in [0, 1)
        float weight_decay = 0.0F;  ///< ≥ 0
        bool nesterov = false;
    };
    explicit Sgd(const Options& options) : Optimiser(1), options_(options) {}
    std::string_view name() const override { return "sgd"; }

private:
    void update(const Slot&, Tensor*, std::size_t, std::size_t, float) const override;
    Options options_;
};

/// Adam with decoupled weight decay (AdamW; Adam where weight_decay is 0):
/// m ← β₁m + (1 − β₁)∇; v ← β₂v + (1 − β₂)∇²; w ← w − rate·(m̂/(√v̂ + ε) + decay·w), m̂ = m/(1 − β₁ᵗ), v̂ = v/(1 −
/// β₂ᵗ). Kingma, Ba: Adam: A Method for Stochastic Optimization (2015). Loshchilov, Hutter: Decoupled Weight Decay
/// Regularization (2019).
class Adam final : public Optimiser {
public:
    struct Options {
        float beta1 = 0.9F;         ///< in [0, 1)
        float beta2 = 0.999F;       ///< in [0, 1)
        float epsilon = 1e-8F;      ///< > 0
        float weight_decay = 0.0F;  ///< ≥ 0
    };
    explicit Adam(const Options& options) : Optimiser(2), options_(options) {}
    std::string_view name() const override { return "adam"; }

private:
    void update(const Slot&, Tensor*, std::size_t, std::size_t, float) const override;
    Options options_;
};

}  // namespace pellucid::optimise
