/// A network: a graph of named layers in the order of evaluation, and the trace that a forward pass leaves.
#pragma once

#include "pellucid/nn/layer.hpp"

#include <array>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace pellucid {

/// Values are numbered: 0 is the network's input, i + 1 the output of node i.
using ValueId = std::size_t;

struct Node {
    std::string name;
    std::unique_ptr<Layer> layer;
    std::vector<ValueId> inputs;
};

/// Where the inputs of one layer are; no layer has more.
using LayerInputs = std::array<const Tensor*, 2>;

/// The inputs of a node among values[ValueId]; `storage` holds the pointers.
std::span<const Tensor* const> inputs_of(const Node& node, std::span<const Tensor> values, LayerInputs& storage);

/// Every value of one forward pass over a batch, and what the layers recorded. Reusing a trace reuses its memory.
struct Trace {
    std::vector<Tensor> values;   ///< values[ValueId]
    std::vector<Record> records;  ///< records[node]
    bool training = false;        ///< set before a forward pass: dropout is active
    std::uint32_t seed = 0;       ///< seed of dropout's masks
};

class Network {
public:
    /// input: shape of one sample, (1, h, w, c).
    explicit Network(const Shape& input);
    Network(const Network& other);
    Network(Network&&) = default;
    Network& operator=(Network&&) = default;

    /// Appends a layer that reads the given values (by default the newest one) and returns its output's id.
    /// Throws Error where the name is taken or empty, or shapes do not fit.
    ValueId add(std::string name, std::unique_ptr<Layer> layer, std::vector<ValueId> inputs = {});

    const std::vector<Node>& nodes() const { return nodes_; }
    Layer& layer(std::size_t node) { return *nodes_[node].layer; }

    /// The nodes that read a value, in their order; one that reads it twice is there twice.
    const std::vector<std::size_t>& readers(ValueId value) const { return readers_[value]; }

    /// Shape of a value for one sample (batch size 1).
    const Shape& shape(ValueId value) const { return shapes_[value]; }
    const Shape& input_shape() const { return shapes_.front(); }

    /// The value that a node of this name puts out, or that has this other name; "input" is the network's input.
    /// Throws Error(bad_argument) that lists the names there are.
    ValueId find(std::string_view name) const;
    /// Another name for a value, as that of a node that was merged away. A node's own name goes first.
    void alias(std::string name, ValueId value) { aliases_[std::move(name)] = value; }
    std::string_view name(ValueId value) const;

    /// The last value, and the one that holds the logits: the input of the head that the network ends in, else the last
    /// value (nn/head.hpp).
    ValueId output() const { return nodes_.size(); }
    ValueId logits() const;
    std::size_t classes() const { return sample_size(shape(logits())); }

    /// Evaluates values up to and including `until` for a batch; throws Error(bad_shape) for inputs that do not fit.
    void forward(const Tensor& input, Trace& trace, ValueId until) const;
    void forward(const Tensor& input, Trace& trace) const { forward(input, trace, output()); }

    /// The step of node `node` in a trace. `storage` holds the pointers that the step refers to.
    Step step(const Trace& trace, std::size_t node, LayerInputs& storage) const;

    /// Number of trainable numbers.
    std::size_t parameter_count() const;

    /// Free text that travels with the model file: "title", "recipe", "accuracy", …, and "input_range" (nn/range.hpp).
    std::map<std::string, std::string> metadata;

private:
    std::vector<Node> nodes_;
    std::vector<Shape> shapes_;
    std::vector<std::vector<std::size_t>> readers_;
    std::map<std::string, ValueId, std::less<>>
        places_;  // of the nodes, by name: networks may be thousands of layers deep
    std::map<std::string, ValueId, std::less<>> aliases_;
};

/// Logits of a batch of any size, by a Predictor of its own (nn/predictor.hpp); keep one where there are many batches.
Tensor predict_logits(const Network& network, const Tensor& input);

/// Index of each sample's largest logit (the first of equals).
std::vector<std::size_t> argmax(const Tensor& logits);

/// Numerically safe softmax over the channels of (N, 1, 1, C).
Tensor softmax(const Tensor& logits);

/// The same function with every BatchNorm and Affine folded into the Conv or Dense beside it (before it, else behind
/// it) where that changes nothing; the others stay layers, and so does an Affine of the input.
/// The name of one folded into the layer before it becomes another name of that layer's value, which is now the same.
Network merge_batch_norm(const Network& network);

/// Per value: whether `top` depends on it (as it does on itself).
std::vector<char> values_below(const Network& network, ValueId top);

/// The part of a network that a value depends on, ending in that value; nodes keep their names and order.
Network network_below(const Network& network, ValueId top);

}  // namespace pellucid
