/// The part of a network above a value, evaluated for changed copies of that value: what it would answer if a layer had
/// put out something else.
#pragma once

#include "pellucid/nn/network.hpp"

namespace pellucid::methods {

class Tail {
public:
    /// Of `until`, which must depend on `from`. The network must outlive this.
    Tail(const Network& network, ValueId from, ValueId until);

    /// The value `until` where sample `n` of the trace has each of `changed` (M, h, w, K) for the value `from`, and
    /// what does not depend on it as it was: (M, ·, ·, ·), valid until the next call.
    /// Cost: the layers between the two, once for each of the M.
    const Tensor& operator()(const Trace& trace, std::size_t n, const Tensor& changed);

private:
    const Network& network_;
    ValueId from_, until_;
    std::vector<char> depends_;  ///< per value: on `from`, with `until` depending on it
    std::vector<Tensor> values_;
    std::vector<Record> records_;
};

}  // namespace pellucid::methods
