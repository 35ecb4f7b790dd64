/// Layer-wise relevance, kept: what every layer of one backward pass was given, and where each unit has it from.
#pragma once

#include "pellucid/backward/engine.hpp"

namespace pellucid {

/// What one unit received through one of the layers that read it.
struct ReceivedThrough {
    std::string layer;  ///< the reading layer
    ValueId value;      ///< that layer's output, which sent the messages
    std::string rule;
    Messages messages;
};

struct Received {
    double relevance = 0;   ///< R_j, as the pass left it
    double activation = 0;  ///< a_j
    std::vector<ReceivedThrough> through;  ///< empty for the value that the pass started at
};

class Layerwise {
public:
    /// Copies what the pass left. Network and workspace must outlive this.
    Layerwise(const Network& network, const Trace& trace, Composite composite, Signals signals, ValueId from, ValueId to,
              Workspace& workspace);

    const Network& network() const { return network_; }

    /// The values that the pass crossed, from the one that it started at down to the one that it ended at.
    std::vector<ValueId> values() const;

    /// The relevance of a value's units, (N, h, w, c); it must be one of values().
    const Tensor& relevance(ValueId value) const { return signals_.values[value]; }

    /// All messages to unit `unit` (its place in memory order) of a value. They sum to its relevance, up to rounding, but
    /// at the value that the pass started at, whose relevance was given. Throws Error(bad_argument) where there is no such
    /// unit, Error(unsupported) for batches.
    Received received(ValueId value, std::size_t unit) const;

private:
    const Network& network_;
    Trace trace_;
    Composite composite_;
    std::vector<const Rule*> rules_;
    Signals signals_;
    ValueId from_, to_;
    Workspace& workspace_;
};

}  // namespace pellucid
