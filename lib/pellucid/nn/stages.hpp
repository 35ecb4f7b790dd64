/// A network as stages, for passes that ask for nothing between: a convolution or dense layer, the ReLU and the 2×2
/// max-pool behind it and a Flatten are one, and what lies between them is never written.
///
/// The numbers are those of the layers one by one. Behind a max-pool a ReLU's gradient is that of the maxima, so the
/// gate stands before the pool's own gradient, where there are four times fewer numbers.
#pragma once

#include "pellucid/nn/network.hpp"

namespace pellucid {

class Conv2d;
class Dense;

class Stages {
public:
    struct Stage {
        std::size_t node;  ///< its first node, whose inputs it reads and which may have parameters
        ValueId value;     ///< what it puts out
        const Conv2d* conv = nullptr;
        const Dense* dense = nullptr;
        bool relu = false;
        bool pool = false;  ///< its switches are in the record of the first node
    };

    /// Everything that value `until` depends on. The network must outlive this and keep its graph; weights may change.
    Stages(const Network& network, ValueId until);

    const std::vector<Stage>& list() const { return list_; }
    ValueId until() const { return until_; }

    /// Network::forward, but of the trace's values only those that stages put out are written.
    void forward(const Tensor& input, Trace& trace) const;

    /// The inputs and the output of a stage.
    Step step(const Stage& stage, const Trace& trace, LayerInputs& storage) const;

    /// Takes `incoming`, the signal of the stage's value, back over its ReLU, in place; again changes nothing.
    void gate(const Stage& stage, const Step& step, Tensor& incoming) const;

    /// After gate(): the signals of the inputs, as Layer::input_gradient.
    void input_gradient(const Stage& stage, const Step& step, const Tensor& incoming, std::span<Tensor* const> gradients) const;

    /// After gate(): adds to the gradients of the first node's parameters, as Layer::parameter_gradients.
    void parameter_gradients(const Stage& stage, const Step& step, const Tensor& incoming, std::span<Tensor> gradients) const;

private:
    const Network& network_;
    ValueId until_;
    std::vector<Stage> list_;
};

}  // namespace pellucid
