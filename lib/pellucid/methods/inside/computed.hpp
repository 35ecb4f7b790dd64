/// The arithmetic of one unit: what it reads, what that is multiplied by, and what comes of it.
#pragma once

#include "pellucid/methods/inside/field_rect.hpp"
#include "pellucid/methods/target.hpp"
#include "pellucid/nn/network.hpp"

#include <cstdint>
#include <string_view>
#include <vector>

namespace pellucid::methods {

/// How a unit's activity comes from what it reads.
enum class Computation : std::uint8_t {
    sum,       ///< Σ input·weight + bias
    largest,   ///< the largest input; its weight is 1, the others' 0
    function,  ///< a function of the one input, such as a ReLU
    share,     ///< of one whole that the inputs share, as behind a softmax
    same       ///< the one input as it is
};
std::string_view to_string(Computation computation);

/// A window of one value that the unit reads.
struct ReadWindow {
    ValueId value;  ///< of a Flatten's units: what it flattened
    FieldRect rect;
    std::size_t first_channel;
    Tensor input;   ///< (1, h, w, channels)
    Tensor weight;  ///< shaped alike; empty where nothing is multiplied
};

struct Computed {
    ValueId value;
    std::size_t unit;
    Computation computation;
    std::vector<ReadWindow> reads;
    double bias = 0;
    double sum = 0;   ///< of the products and the bias, in double; of a function its input
    double activity;  ///< what the network put out
    FieldRect field;  ///< of the network's input
};

/// Of a unit, named as target "neuron:…", in the trace of one sample. Throws Error(bad_argument) where there is none.
Computed computed(const Network& network, const Trace& trace, const Target& unit);

}  // namespace pellucid::methods
