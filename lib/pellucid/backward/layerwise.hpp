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
    double relevance = 0;                  ///< R_j, as the pass left it
    double activation = 0;                 ///< a_j
    std::vector<ReceivedThrough> through;  ///< empty for the value that the pass started at
};

class Layerwise {
public:
    virtual ~Layerwise() = default;

    const Network& network() const { return network_; }

    /// The values that the pass crossed, from the one that it started at down to the one that it ended at.
    std::vector<ValueId> values() const;

    /// The relevance of a value's units, (N, h, w, c); it must be one of values().
    const Tensor& relevance(ValueId value) const { return relevances_.values[value]; }

    /// All messages to unit `unit` (its place in memory order) of a value. They sum to its relevance, up to rounding,
    /// but at the value that the pass started at, whose relevance was given. Throws Error(bad_argument) where there is
    /// no such unit, Error(unsupported) for batches.
    Received received(ValueId value, std::size_t unit) const;

protected:
    /// One of the layers that read a value: its output, and which of its inputs that is.
    struct Reader {
        ValueId value;
        std::size_t input;
    };

    /// Copies trace and relevances. The network must outlive this.
    Layerwise(const Network& network, const Trace& trace, Signals relevances, ValueId from, ValueId to)
        : network_(network), trace_(trace), relevances_(std::move(relevances)), from_(from), to_(to) {}

    /// What the unit of a value received through each of its readers.
    virtual std::vector<ReceivedThrough> through(const std::vector<Reader>& readers, std::size_t unit) const = 0;

    const Trace& trace() const { return trace_; }
    const Node& node(ValueId value) const { return network_.nodes()[value - 1]; }

private:
    const Network& network_;
    Trace trace_;
    Signals relevances_;
    ValueId from_, to_;
};

/// A pass whose signals are relevances themselves.
class RelevanceWalk final : public Layerwise {
public:
    /// Copies what the pass left. Network and workspace must outlive this.
    RelevanceWalk(const Network& network, const Trace& trace, Composite composite, Signals signals, ValueId from,
                  ValueId to, Workspace& workspace);

protected:
    std::vector<ReceivedThrough> through(const std::vector<Reader>& readers, std::size_t unit) const override;

private:
    Composite composite_;
    std::vector<const Rule*> rules_;
    Workspace& workspace_;
};

}  // namespace pellucid
