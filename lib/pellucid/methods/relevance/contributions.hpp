/// Contributions of DeepLIFT: what `deeplift` and `deep_shap` share.
#pragma once

#include "pellucid/methods/method.hpp"

namespace pellucid::methods {

/// The multipliers that DeepLIFT starts with at the target's value: Σ m·(v − v') = f_t(x) − f_t(x').
/// Units count 1, a norm v + v'; a probability is rescaled at its class, m_c = Δp_c/Δz_c (the softmax's gradient where
/// a logit changes by less than 1e-10). `centred`: minus the mean over the classes, as captum does.
Tensor multiplier_seed(const Target& target, const Network& network, const Trace& trace, const Trace& reference, bool centred);

enum class DeepLiftRule { rescale, reveal_cancel, linear };

struct DeepLiftOptions {
    DeepLiftRule rule = DeepLiftRule::rescale;
    bool centred_softmax = false;
};

/// m ⊙ (x − x') for every sample of a traced batch and its reference. The evaluator's network is the one of the traces.
Tensor contributions(Evaluator& evaluator, const Trace& trace, const Trace& reference, const Target& target,
                     const DeepLiftOptions& options);

/// The parameters `rule` and `centred_softmax`, and what was chosen.
std::vector<ParamCard> deeplift_params();
DeepLiftOptions chosen_deeplift(const Params& params);
/// captum: centred_softmax.
std::vector<Preset> deeplift_presets();

/// The evaluator whose network the rule wants: BatchNorm is merged for reveal_cancel alone.
Evaluator& deeplift_evaluator(const Request& request, const DeepLiftOptions& options);

}  // namespace pellucid::methods
