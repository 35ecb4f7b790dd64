/// What a rule is: how a backward signal (a gradient, a relevance, …) crosses one layer.
#pragma once

#include "pellucid/backward/message.hpp"
#include "pellucid/backward/workspace.hpp"
#include "pellucid/nn/layer.hpp"

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace pellucid {

/// Sums over one layer and one batch: what entered from above, what left towards the input, and what stayed.
/// entering = leaving + bias + stabiliser, where `stabiliser` is what is missing, rounding included.
struct LedgerRow {
    std::string layer;
    double entering = 0;
    double leaving = 0;
    double bias = 0;
    double stabiliser = 0;
};
using Ledger = std::vector<LedgerRow>;

/// One layer's crossing: the recorded step, the signal of its output, and where the inputs' signals go.
struct Crossing {
    const Layer& layer;
    Step step;
    const Tensor& incoming;
    std::span<Tensor* const> outgoing;  ///< shaped as the inputs, to be overwritten; null = not wanted
    Workspace& workspace;
    LedgerRow* ledger;  ///< null = not kept; rules fill `bias` alone, the engine the rest
};

class Rule {
public:
    virtual ~Rule() = default;
    virtual std::string_view id() const = 0;
    virtual void cross(const Crossing& crossing) const = 0;

    /// Whether, at a layer of one input, what leaves is what entered, only in other places.
    virtual bool keeps_sum(const Layer&) const { return false; }

    /// Whether, at every layer of one input that it can cross, that input gets the very signal that entered.
    virtual bool keeps_signal() const { return false; }

    /// Where unit `unit` of input `input` has its part of the signal from, for a crossing of one sample.
    /// Here: the signal of one output unit after the other crosses alone, for rules that are linear in it; one crossing
    /// per output that depends on the unit. Rules that are sums of products say these as well.
    virtual Messages messages(const Crossing& crossing, std::size_t input, std::size_t unit) const;
};

/// The output units that unit `unit` of input `input` can reach, found by asking the layer: only they can hand anything
/// to it. For a step of one sample.
std::vector<std::size_t> reached_units(const Layer& layer, const Step& step, std::size_t input, std::size_t unit,
                                       Workspace& workspace);

using RulePtr = std::shared_ptr<const Rule>;

}  // namespace pellucid
