/// What a rule is: how a backward signal (a gradient, a relevance, …) crosses one layer.
#pragma once

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
};

using RulePtr = std::shared_ptr<const Rule>;

}  // namespace pellucid
