/// deeplift: the difference from a reference, f_t(x) − f_t(x'), divided up among the pixels. Shrikumar et al. 2017.
///
///   contribution_i = m_i·(x_i − x'_i),  Σ contribution = f_t(x) − f_t(x'); multipliers m obey the chain rule.
/// Rules at what is not linear (backward/deeplift.hpp): `rescale` m = Δout/Δin; `reveal_cancel` the same for positive
/// and negative parts apart; `linear` m = the gradient at x, so that the map is (x − x') ⊙ ∂f_t/∂x and the gap says how
/// much the non-linearities matter. Layers with weights, sums, averages and BatchNorm are linear.
/// Targets: a "predicted" class is that of x; a probability is rescaled at its class (see contributions.hpp).
/// Shapes: map as the input; the ledger of every layer: sums of m·Δ, all Δf where the rule conserves it; `stabiliser`
/// is what `linear` misses at what bends. Numbers: "completeness_gap" = abs(Σ − Δf)/abs(Δf), "baseline_value" =
/// f_t(x').
/// Cost: two forward passes (one of them shared) and one backward pass; reveal_cancel about four of each.
/// Deviates from captum: where max-pools overlap, a pixel that wins several windows gets all their changes.
#include "pellucid/methods/attribution/baseline.hpp"
#include "pellucid/methods/attribution/sampling.hpp"
#include "pellucid/methods/relevance/contribution_walk.hpp"
#include "pellucid/ops.hpp"

namespace pellucid::methods {

namespace {

struct DeepLiftParams {
    DeepLiftOptions options;
    BaselineParams baseline;
};

void describe(Fields& f, DeepLiftParams& p) {
    describe(f, p.options);
    describe(f, p.baseline);
    f.compat(deeplift_presets);
}

Result run_deeplift(const Request& request, const DeepLiftParams& p) {
    const DeepLiftOptions& options = p.options;
    Evaluator& evaluator = deeplift_evaluator(request, options);
    const Trace& trace = evaluator.trace(request.input);
    const Trace& reference = evaluator.reference(baseline(request, p.baseline));

    Result result;
    const DeepLiftPass pass(evaluator, trace, reference, request.target, options, &result.ledger);
    Tensor map = pass.contributions(0);
    result.value = target_values(request.target, evaluator.network(), trace);
    Completeness completeness;
    std::vector<Target> targets;
    for (std::size_t n = 0; n < request.input.shape()[0]; ++n) {
        // "predicted" is the class of x, also at the reference.
        targets.push_back(settle(request.target, evaluator.network(), trace, n));
        const double at_reference = target_values(targets.back(), evaluator.network(), reference)[n];
        completeness.add(ops::sum(sample(std::as_const(map), n)), result.value[n], at_reference);
    }
    result.add("map", Map{std::move(map)});
    completeness.add_to(result);
    if (request.layerwise) {
        std::vector<Tensor> references;
        for (std::size_t n = 0; n < targets.size(); ++n) references.push_back(batch_slice(reference.values[0], n, 1));
        result.layerwise = contribution_walk(
            {evaluator, request.input, std::move(references), std::move(targets), options}, pass.contributions());
    }
    return result;
}

}  // namespace

Method deeplift() {
    return define<DeepLiftParams, run_deeplift>(
        {.id = "deeplift",
         .family = "relevance",
         .title = "DeepLIFT",
         .question = "How much does each pixel add to the difference between this drawing's score and blank paper's?",
         .formula =
             R"(C_i = m_i\,(x_i - x'_i),\quad m_{\Delta x\Delta y} = \frac{\Delta y}{\Delta x},\quad \sum_i C_i = )"
             R"(f_t(x) - f_t(x'))",
         .reference = {"Shrikumar, Greenside, Kundaje",
                       "Learning Important Features Through Propagating Activation Differences", 2017, "ICML"},
         .targets = any_target(),
         .outputs = contribution_outputs(),
         .caveat = "Everything is relative to the reference: what both have in common, such as paper, gets nothing. "
                   "Other ways to divide up the same difference are as consistent."});
}

}  // namespace pellucid::methods
