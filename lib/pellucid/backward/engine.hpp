/// The one backward traversal: gradients, guided signals and relevances differ only in the rules they bring.
#pragma once

#include "pellucid/backward/composite.hpp"
#include "pellucid/function_ref.hpp"

namespace pellucid {

/// The signal of every value that was crossed; `known[v]` says whether values[v] holds one.
struct Signals {
    std::vector<Tensor> values;
    std::vector<char> known;
};

/// What a signal of a value amounts to: the sum of what it stands for.
using SignalSum = FunctionRef<double(ValueId value, const Tensor& signal)>;

struct Backward {
    const Network& network;
    const Trace& trace;
    const std::vector<const Rule*>& rules;  ///< one per node, from Composite::assign
    Workspace& workspace;
    const SignalSum* sum = nullptr;  ///< what the ledger sums; null = the signals themselves
    bool inner = true;               ///< whether the signals between the two values are wanted, too
};

/// Carries `seed`, the signal of value `from`, down to value `to` (0 = the network's input) and stores the signal of
/// every value on the way. Values with several readers get the sum of their signals. Where `from` does not depend on
/// `to`, the signal of `to` is 0. Where inner signals are not wanted, some of them are not there afterwards. If
/// `ledger` is given, a row per crossed layer is appended, from the top down.
/// Cost: one crossing per layer between the two.
void run_backward(const Backward& pass, ValueId from, const Tensor& seed, ValueId to, Signals& signals,
                  Ledger* ledger = nullptr);

}  // namespace pellucid
