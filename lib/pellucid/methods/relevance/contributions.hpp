/// Contributions of DeepLIFT: what `deeplift` and `deep_shap` share.
#pragma once

#include "pellucid/backward/deeplift.hpp"
#include "pellucid/methods/method.hpp"

namespace pellucid::methods {

/// The multipliers that DeepLIFT starts with at the target's value: Σ m·(v − v') = f_t(x) − f_t(x').
/// Units count 1, a norm v + v'; a probability is rescaled at its class, m_c = Δp_c/Δz_c (the softmax's gradient where
/// a logit changes by less than 1e-10). `centred`: minus the mean over the classes, as captum does.
Tensor multiplier_seed(const Target& target, const Network& network, const Trace& trace, const Trace& reference,
                       bool centred);

enum class DeepLiftRule : std::uint8_t { rescale, reveal_cancel, linear };

struct DeepLiftOptions {
    DeepLiftRule rule = DeepLiftRule::rescale;
    bool centred_softmax = false;
};

/// One backward pass for a traced batch and its reference: the multipliers m of every value, and the changes Δ that
/// they belong to. A unit's contribution is m·Δ (reveal_cancel: m⁺Δ⁺ + m⁻Δ⁻); those of a layer that all paths go
/// through sum to f_t(x) − f_t(x') where the rule conserves, and so do the input's.
class DeepLiftPass {
public:
    /// The traces are of the evaluator's network. They must outlive this; the evaluator must make no other backward
    /// pass as long as it is in use. With a ledger, a row per crossed layer is appended: sums of contributions.
    DeepLiftPass(Evaluator& evaluator, const Trace& trace, const Trace& reference, const Target& target,
                 const DeepLiftOptions& options, Ledger* ledger = nullptr);

    /// m·Δ of a value's units, shaped as the value; it must have been crossed.
    Tensor contributions(ValueId value) const;
    /// The same of every value that was crossed.
    Signals contributions() const;

    /// Adds what unit `unit` of the value that is input `input` of the layer behind value `reader` received from each
    /// unit of `reader`, a message for each: at layers with weights Δa_j·w_jk·m_k. Sums over the batch; the products of
    /// a batch of one are told, as terms of form 0.
    void add_messages(ValueId reader, std::size_t input, std::size_t unit, std::vector<Message>& messages) const;
    /// The rule that crosses the layer behind `reader`, by the paper's name.
    std::string_view rule(ValueId reader) const;

private:
    /// The trace that the multipliers belong to; reveal_cancel's holds every sample twice.
    const Trace& carried() const { return parts_ ? parts_->trace() : trace_; }
    /// Calls use(element, contribution) for every element of a value.
    template <typename Use>
    void each(ValueId value, const Tensor& multipliers, Use use) const;
    float contribution(ValueId value, const Tensor& multipliers, std::size_t element) const;
    double sum(ValueId value, const Tensor& multipliers) const;
    void products(const WeightedLayer& layer, ValueId reader, ValueId value, std::size_t unit,
                  std::vector<Message>& messages) const;
    void one_by_one(ValueId reader, std::size_t input, std::size_t unit, std::vector<Message>& messages) const;

    Evaluator& evaluator_;
    const Network& network_;
    const Trace& trace_;
    const Trace& reference_;
    std::optional<RevealCancel> parts_;
    Composite composite_;
    std::vector<const Rule*> rules_;
    const Signals* multipliers_;
};

/// The parameters `rule` and `centred_softmax`.
void describe(Fields& f, DeepLiftOptions& p);
/// captum: centred_softmax.
std::vector<Preset> deeplift_presets();

/// The evaluator whose network the rule wants: BatchNorm is merged for reveal_cancel alone.
Evaluator& deeplift_evaluator(const Request& request, const DeepLiftOptions& options);

}  // namespace pellucid::methods
