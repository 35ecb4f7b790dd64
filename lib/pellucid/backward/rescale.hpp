/// What `rescale` and `reveal_cancel` share of a non-linearity.
#pragma once

#include "pellucid/backward/rule.hpp"
#include "pellucid/nn/layers.hpp"

#include <vector>

namespace pellucid::detail {

/// Below this a change counts as none, and the gradient stands in for Δout/Δin (captum's bound).
inline constexpr double least_change = 1e-10;

/// One layer's step in the reference's pass.
struct ReferenceStep {
    const Tensor* input;
    const Tensor* output;
    const Record* record;
};

/// An element-wise activation in double. Throws std::bad_cast for another layer.
class PreciseActivation {
public:
    explicit PreciseActivation(const Layer& layer);
    double operator()(double x) const;
    bool is_relu() const { return activation_.function() == Activation::Function::relu; }

private:
    const Activation& activation_;
};

/// Outputs of an activation or a softmax for these inputs, in double.
std::vector<double> precise_outputs(const Layer& layer, const Tensor& x);

/// The rule `rescale` of one activation, softmax or max-pool.
RulePtr rescale(const ReferenceStep& reference);

}  // namespace pellucid::detail
