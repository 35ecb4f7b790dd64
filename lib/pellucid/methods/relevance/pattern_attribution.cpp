/// pattern_attribution: how much each pixel's signal adds to the answer, handed down by w ⊙ a. Kindermans et al. 2017.
///
///   As a gradient, with w ⊙ a in place of w at every layer that has weights; a: the pattern (see pattern_net.cpp).
/// Seed: f_t(x) at the units that the target is made of, or 1. BatchNorm is merged first. Shapes: map as the input.
/// As wᵀa = 1, an inner unit hands down what it gets, but for what falls on padding and on units that are off; the
/// ledger's `stabiliser` shows it. Cost: one forward and one backward pass.
#include "pellucid/methods/relevance/relevance.hpp"

namespace pellucid::methods {

namespace {

Result run_pattern_attribution(const Request& request, const StartParams& p) {
    return propagate(request, composites::with_weights_of(request.explainer.weighted_patterns()), p.start);
}

}  // namespace

Method pattern_attribution() {
    return define<StartParams, run_pattern_attribution>(
        {.id = "pattern_attribution",
         .family = "relevance",
         .title = "PatternAttribution",
         .question = "How much does each pixel's signal, without what only distracts, add to the answer?",
         .formula = R"(r_j = \sum_k [z_k>0]\, w_{jk}\, a_{jk}\, r_k,\quad a = )"
                    R"(\frac{E_+[xy]-E_+[x]E[y]}{w^\top(E_+[xy]-E_+[x]E[y])})",
         .reference = pattern_reference(),
         .targets = any_target(),
         .outputs = {map_output(MapKind::signed_values)},
         .caveat = "The shares of a unit's inputs are fixed by the training data; only which units are on comes from "
                   "this drawing.",
         .needs = {Role::patterns}});
}

}  // namespace pellucid::methods
