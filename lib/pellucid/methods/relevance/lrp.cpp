/// lrp: layer-wise relevance propagation; the target's value is handed down layer by layer. Bach et al. 2015.
///
/// Rules and composites: backward/rules.hpp, backward/composite.hpp (zennit's definitions). BatchNorm is merged first.
/// Seed: f_t(x) at the units that the target is made of, or 1. Result: map as the input, the ledger of every layer.
/// `compat` takes over another library's habits for what is not given: zennit starts from 1; captum has the epsilon
/// rule everywhere, with 1e-9, and in z_plus (its Alpha1_Beta0) and gamma neither splits inputs nor biases;
/// innvestigate keeps the whole bias in both parts of alpha-beta and z_plus (none in w_square), and has 1e-7, but for
/// the epsilon rule only where a denominator is 0. Not taken over: captum crosses a BatchNorm with epsilon instead of
/// merging it.
/// Cost: one forward pass and, per layer, one forward and one backward pass per term of its rule.
#include "pellucid/methods/relevance/lrp_params.hpp"

namespace pellucid::methods {

namespace {

Result run_lrp(const Request& request, const LrpParams& p) {
    Evaluator& evaluator = request.explainer.merged(request.target);
    const auto make = [&] { return chosen_composite(request, p, evaluator.network()); };
    return propagate(request, evaluator.composite(p, make), p.start.start);
}

}  // namespace

Method lrp() {
    return define<LrpParams, run_lrp>(
        {.id = "lrp",
         .family = "relevance",
         .title = "Layer-wise relevance propagation",
         .question = "Which strokes is the answer's score made of?",
         .formula = R"(R_j = \sum_k \frac{a_j w_{jk}}{z_k + \varepsilon\,\mathrm{sign}(z_k)} R_k)",
         .reference =
             {"Bach, Binder, Montavon, Klauschen, Müller, Samek",
              "On Pixel-Wise Explanations for Non-Linear Classifier Decisions by Layer-Wise Relevance Propagation",
              2015, "PLoS ONE 10(7)"},
         .targets = any_target(),
         .outputs = {map_output(MapKind::signed_values)},
         .caveat = "It divides up the score that was given; it does not tell what would happen if a stroke were "
                   "different. Other rules divide it up differently."});
}

}  // namespace pellucid::methods
