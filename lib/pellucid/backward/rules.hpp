/// The rules there are. Relevance rules follow zennit's definitions; notation: a input, z output, w weights, b bias.
#pragma once

#include "pellucid/backward/linear_rule.hpp"

namespace pellucid::rules {

// --- any layer -------------------------------------------------------------------------------------------------------

/// The layer's own gradient: winner takes all at a max-pool, [y > 0] at a ReLU.
RulePtr gradient();
/// The signal as it is, in the input's shape: relevance at activations, dropout, flatten.
RulePtr pass();
/// Relevance of a weightless linear layer (add, average pool, resize): a ⊙ Jᵀ(R / stab(z, epsilon)).
RulePtr norm(float epsilon = 1e-6F);
/// The ε rule of an affine map of each channel (a BatchNorm that no neighbour takes in): a·f·R / stab(f·a + o, ε).
RulePtr affine(float epsilon = 1e-6F, bool relative = false);
/// ReLU of guided backprop: [y > 0]·max(signal, 0) (Springenberg et al. 2015).
RulePtr guided();
/// ReLU of deconvnet: max(signal, 0) (Zeiler & Fergus 2014).
RulePtr rectify();

// --- layers with weights ---------------------------------------------------------------------------------------------

/// LRP-0: a ⊙ wᵀ(R/z); ε where z is exactly 0 (Bach et al. 2015).
RulePtr zero();
/// LRP-ε: a ⊙ wᵀ(R / stab(z, ε)); relative: ε·mean|z| (Bach et al. 2015).
RulePtr epsilon(float epsilon = 1e-6F, bool relative = false);
/// LRP-γ in its form for inputs of both signs (Montavon et al. 2019; Andéol et al. 2021); without split inputs, as
/// captum has it: a(w + γw⁺) + b whatever the signs.
RulePtr gamma(float gamma = 0.25F, const Habit& habit = {});
/// z⁺ (Montavon et al. 2017).
RulePtr z_plus(const Habit& habit = {});
/// LRP-αβ, α − β = 1 (Bach et al. 2015). Throws Error(bad_argument) otherwise.
RulePtr alpha_beta(float alpha = 2.0F, float beta = 1.0F, const Habit& habit = {});
/// z^B for inputs in [low, high], for all channels or for each (Montavon et al. 2017). Throws Error(bad_argument) for
/// low > high.
RulePtr z_box(std::vector<float> low, std::vector<float> high, const Habit& habit = {});
RulePtr z_box(float low = 0.0F, float high = 1.0F, const Habit& habit = {});
/// w²: spread by squared weights, whatever the input (Montavon et al. 2017).
RulePtr w_square(const Habit& habit = {});
/// Spread evenly over the inputs that a unit sees (Lapuschkin et al. 2019).
RulePtr flat(const Habit& habit = {});

/// Marginal winning probability: z⁺ without bias (Zhang et al. 2016).
RulePtr excitation(float epsilon = 1e-6F);
/// The same minus that of the dual unit, whose weights are the negated ones; both divide up all that there is.
RulePtr contrast();

/// The gradient with another layer's weights: Wᵀ·signal. `other` has the same shapes and must outlive the rule.
RulePtr other_weights(const WeightedLayer& other);

/// Ids of the rules for layers with weights, and the rule of that id with its defaults changed by the options.
struct RuleOptions {
    float epsilon = 1e-6F;  ///< the epsilon rule's own
    bool relative_epsilon = false;
    float stabiliser_epsilon = 1e-6F;  ///< of every other denominator
    float gamma = 0.25F;
    float alpha = 2.0F;
    float beta = 1.0F;
    float low = 0.0F;
    float high = 1.0F;
    std::vector<float> lows = {};  ///< z_box: those of each channel, instead
    std::vector<float> highs = {};
    Habit::Bias bias = Habit::Bias::split;
    bool split_inputs = true;
    Stabiliser stabiliser = Stabiliser::absolute;
    bool gradient_at_averages = false;  ///< deep_taylor: average pools and sums pass the gradient, as in innvestigate

    RulePtr box() const;  ///< z_box within these bounds
    Habit habit() const { return {stabiliser_epsilon, bias, split_inputs, stabiliser}; }
};
const std::vector<std::string>& linear_rule_ids();
/// Throws Error(bad_argument) that lists the ids there are.
RulePtr linear_rule(std::string_view id, const RuleOptions& options = {});

}  // namespace pellucid::rules
