/// What is explained: a number f_t(x) that the network computes on the way.
#pragma once

#include "pellucid/methods/card.hpp"
#include "pellucid/nn/network.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pellucid {

/// f_t(x). Values of a batch are explained sample by sample: the batch shares one target.
struct Target {
    TargetKind kind = TargetKind::predicted;
    std::size_t index = 0;     ///< class, contrast's first class, channel
    std::size_t other = 0;     ///< contrast's second class
    std::string layer;         ///< neuron, channel, norm: a node's name
    std::size_t y = 0, x = 0;  ///< neuron: position in the layer's output
    bool placed = true;  ///< neuron: whether the position was given; without, the layer must have one position only

    /// Reads "class:3", "prob:3", "contrast:4-9", "predicted", "neuron:LAYER/c,y,x" (or "/c" in layers of one row and
    /// column), "channel:LAYER/c", "norm:LAYER". Throws Error(bad_argument) that says what would be right.
    static Target parse(std::string_view text);
    static Target of_class(std::size_t index) { return {.kind = TargetKind::logit, .index = index, .layer = {}}; }
    std::string text() const;
};

/// Throws Error(bad_argument) where the network has no such class, layer, channel or position.
void check_target(const Target& target, const Network& network);

/// The value that the target is read from: the logits, or a layer's output.
ValueId target_value(const Target& target, const Network& network);

/// What the backward signal starts with.
enum class SeedMode {
    gradient,   ///< ∂f_t/∂value
    relevance,  ///< f_t(x), spread over the units it is made of, so that the seed sums to f_t(x)
    one         ///< ±1 at those units
};

/// f_t of every sample of a traced batch: of a class the value before the network's head, of prob the one behind it
/// (nn/head.hpp), also for one output. "predicted" is the logit of each sample's largest; of a network with one output
/// that output's, whatever is decided.
std::vector<double> target_values(const Target& target, const Network& network, const Trace& trace);
/// The same from the target's value alone, (N, h, w, c).
std::vector<double> target_values(const Target& target, const Network& network, const Tensor& value);

/// The seed at target_value(); shaped like it.
Tensor target_seed(const Target& target, const Network& network, const Trace& trace, SeedMode mode);
/// The same, in memory that is used again.
void target_seed(const Target& target, const Network& network, const Trace& trace, SeedMode mode, Tensor& seed);

/// The same from the target's value alone, (N, h, w, c).
void target_seed(const Target& target, const Network& network, const Tensor& value, SeedMode mode, Tensor& seed);

/// The target with "predicted" replaced by the class that sample `n` of the trace is given; others unchanged.
Target settle(const Target& target, const Network& network, const Trace& trace, std::size_t n = 0);
/// The same from the target's value alone.
Target settle(const Target& target, const Tensor& value, std::size_t n);

}  // namespace pellucid
