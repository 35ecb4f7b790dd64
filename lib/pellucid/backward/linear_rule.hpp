/// Relevance rules of layers with weights, as tables of passes.
///
/// A group of passes has one denominator z = Σ sign·(W'·x' + b') and hands down
/// coefficient · Σ sign · x' ⊙ W'ᵀ(R / stab(z)), where x', W', b' are parts of input, weights and bias.
/// Cost: one forward and one backward pass per term; terms of negative inputs are left out where there are none,
/// and the plain denominator is the recorded output.
#pragma once

#include "pellucid/backward/rule.hpp"

#include <vector>

namespace pellucid {

/// Which part of the layer's input a pass reads.
enum class InputPart { all, positive, negative, ones, low, high };

struct Term {
    InputPart input;
    Form weight;
    Form bias;
    float sign = 1.0F;
};

/// Output units that a group serves.
enum class Gate { every, positive, negative };

struct TermGroup {
    std::vector<Term> terms;
    float coefficient = 1.0F;
    Gate gate = Gate::every;
};

/// How the denominator is kept away from 0.
enum class Stabiliser {
    absolute,   ///< z + ε·sign(z), sign(0) = +1
    relative,   ///< the same with ε·mean|z| over the layer's units of a sample
    exact_zero  ///< z, but ε where z is exactly 0
};

/// Where libraries differ in the rules that take sums apart (all but `epsilon` and `zero`).
struct Habit {
    /// What of a bias enters a part of a sum (z_plus, alpha_beta): its own sign's part (zennit), all of it (captum,
    /// innvestigate), nothing. w_square: b² for `split`, nothing otherwise.
    enum class Bias : std::uint8_t { split, whole, none };

    float epsilon = 1e-6F;
    Bias bias = Bias::split;
    bool split_inputs =
        true;  ///< inputs below 0 go the other weights' way (zennit); false: they are not told apart (captum)
    Stabiliser stabiliser = Stabiliser::absolute;
};

struct LinearRuleTable {
    std::string id;
    std::vector<TermGroup> groups;
    float epsilon = 1e-6F;
    Stabiliser stabiliser = Stabiliser::absolute;
    std::vector<float> low{0.0F};   ///< of InputPart::low, the least value of an input, or that of each channel
    std::vector<float> high{1.0F};  ///< of InputPart::high
};

class LinearRule final : public Rule {
public:
    explicit LinearRule(LinearRuleTable table) : table_(std::move(table)) {}
    std::string_view id() const override { return table_.id; }
    const LinearRuleTable& table() const { return table_; }
    /// Throws Error(unsupported) for a layer without weights.
    void cross(const Crossing& crossing) const override;
    /// With the products of every term. Cost: one forward pass per term, and those of the denominators.
    Messages messages(const Crossing& crossing, std::size_t input, std::size_t unit) const override;

private:
    LinearRuleTable table_;
};

}  // namespace pellucid
