/// DeepLIFT's rules: they compare the recorded pass with that of a reference, so they are made anew for every pair.
///
/// A signal here is a multiplier m: how much of the target's change one unit of change of a value accounts for. It
/// crosses what is linear as a gradient does; what is not linear has a rule. Contributions are m·(x − x').
#pragma once

#include "pellucid/backward/composite.hpp"

namespace pellucid {

/// Samples [first, first + count) of a trace, the whole row of them `times` times one after another.
Trace tile(const Trace& trace, std::size_t first, std::size_t count, std::size_t times);

/// Rescale (Shrikumar et al. 2017): m_in = m_out·Δout/Δin at activations and softmax, the gradient where |Δin| < 1e-10.
/// Max-pool: the change of a window goes to the winner of the larger side. The traces hold batches of the same size and
/// must outlive the composite. Changes of outputs are computed in double.
Composite deeplift_rescale(const Network& network, const Trace& trace, const Trace& reference);

/// RevealCancel (Shrikumar et al. 2017): positive and negative parts of changes have multipliers of their own, so that
/// what cancels at a unit is still seen.
///
/// Parts Δ⁺, Δ⁻ are formed where sums are: at Conv, Dense, Add, average pools and Resize from positive and negative
/// terms w·Δx; at activations Δy⁺ = ½(f(x'+Δ⁺) − f(x') + f(x'+Δ⁻+Δ⁺) − f(x'+Δ⁻)), Δy⁻ mirrored; at max-pools and
/// softmax (which follow `rescale`) and at the input by the sign of the change.
/// The engine carries both multipliers as one batch of twice the size: run it on trace(), whose samples come twice;
/// the first half of a signal belongs to Δ⁺, the second to Δ⁻.
class RevealCancel {
public:
    RevealCancel(const Network& network, const Trace& trace, const Trace& reference, Workspace& workspace);

    const Trace& trace() const { return doubled_; }
    Composite composite() const;

    /// Δ⁺ and Δ⁻ of a value.
    const Tensor& positive_part(ValueId value) const { return parts_[value].positive; }
    const Tensor& negative_part(ValueId value) const { return parts_[value].negative; }

private:
    struct Parts {
        Tensor positive, negative;
    };
    Parts parts_of(std::size_t node, const Trace& trace, const Trace& reference, Workspace& workspace) const;

    const Network& network_;
    Trace doubled_, doubled_reference_;
    std::vector<Parts> parts_;  ///< of every value
};

}  // namespace pellucid
