/// Interval bound propagation: bounds of every value of a network, for all inputs in a box. Gowal et al. 2018.
///
/// Linear layers: centre c → Wc + b, radius r → |W|r. Monotone functions: bounds of the ends. Pools, sums: of the ends.
/// Sound for the network as it is computed: each layer's bounds are widened by what single precision may round off, for
/// a layer that sums n products (n + 2)·2⁻²⁴ of Σ|w·x| + |b| on either side (Higham 2002, chapter 3).
/// Cost: two forward passes.
#pragma once

#include "pellucid/nn/network.hpp"
#include "pellucid/nn/weighted_layer.hpp"

#include <map>
#include <vector>

namespace pellucid::methods {

struct Interval {
    Tensor low, high;
};

class IntervalPass {
public:
    /// The network must outlive this and keep its weights. Throws Error(unsupported) where it holds a layer below its
    /// logits that has no bounds here: a Softmax.
    explicit IntervalPass(const Network& network);

    /// Bounds of the logits of a batch of boxes, (N, 1, 1, classes); valid until the next call.
    const Interval& operator()(Interval box);
    /// What that gave.
    const Interval& bounds() const { return values_[network_.logits()]; }

    /// After that, of sample n: the least that score a can lead score b by, of two classes. Tighter than the bounds of
    /// the two where the last layer is dense, since a and b then share what comes in.
    double least_lead(std::size_t n, std::size_t a, std::size_t b) const;

private:
    void pass(std::size_t node);

    const Network& network_;
    std::vector<char> below_;
    std::map<std::size_t, PreparedWeights> sizes_;  // |W| of each linear node
    std::vector<Interval> values_;
};

}  // namespace pellucid::methods
