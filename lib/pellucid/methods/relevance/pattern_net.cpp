/// pattern_net: the signal in the drawing that the answer reacts to, handed down by patterns. Kindermans et al. 2017.
///
///   As a gradient, with the pattern a in place of the weights w at every layer that has weights:
///   a = (E₊[xy] − E₊[x]·E[y]) / wᵀ(the same),  y = wᵀx without bias; E₊ over samples with activation > 0, E[y] over
///     all.
/// Patterns are estimated once from training data (`pellucid patterns`), and belong to one network
/// (methods/patterns.hpp).
/// Seed: f_t(x) at the units that the target is made of, or 1. BatchNorm is merged first. Shapes: map as the input.
/// The ledger's `stabiliser` is what patterns add or take: nothing is conserved here.
/// Cost: one forward and one backward pass.
#include "pellucid/methods/relevance/relevance.hpp"

namespace pellucid::methods {

namespace {

Result run_pattern_net(const Request& request, const StartParams& p) {
    return propagate(request, composites::with_weights_of(request.explainer.patterns(request.target)), p.start);
}

}  // namespace

Method pattern_net() {
    return define<StartParams, run_pattern_net>(
        {.id = "pattern_net",
         .family = "relevance",
         .title = "PatternNet",
         .question = "What does the signal look like that the network picks out of this drawing?",
         .formula =
             R"(s_j = \sum_k [z_k>0]\, a_{jk}\, s_k,\quad a = \frac{E_+[xy]-E_+[x]E[y]}{w^\top(E_+[xy]-E_+[x]E[y])})",
         .reference = pattern_reference(),
         .targets = any_target(),
         .outputs = {map_output(MapKind::signed_values)},
         .caveat = "Patterns are averages over the training data: the map shows what such units usually see, which may "
                   "not be what they saw here.",
         .needs = {Role::patterns}});
}

}  // namespace pellucid::methods
