/// completeness: do a map's numbers sum to what they explain? Sundararajan, Taly, Yan 2017.
///
///   gap = |Σ map − (f_t(x) − f_t(x'))| / |f_t(x) − f_t(x')|,  x' the baseline; f_t the target's own value
/// Methods whose numbers are shares of the answer (integrated gradients, DeepLIFT, relevance without bias) should have
/// a small one; gradients promise nothing of the kind. captum's convergence delta is `sum` − `wanted`.
/// Shapes: one number per sample each. Cost: the map, and a forward pass of the baseline.
#include "pellucid/methods/judging/lens.hpp"

#include "pellucid/methods/attribution/baseline.hpp"
#include "pellucid/ops.hpp"

namespace pellucid::methods {

namespace {

struct CompletenessParams {
    LensParams lens;
    BaselineParams baseline;
};

void describe(Fields& f, CompletenessParams& p) {
    describe_judged(f, p.lens);
    describe(f, p.baseline);
}

Result run_completeness(const Request& request, const CompletenessParams& p) {
    const Lens lens("completeness", p.lens);
    const Tensor maps = lens.judged(request);
    Evaluator& evaluator = request.explainer.plain();
    const SettledTargets settled = settle_targets(request, evaluator);
    const Tensor reference = baseline(request, p.baseline);
    Scalar gap, sum, wanted;
    for (std::size_t n = 0; n < maps.shape()[0]; ++n) {
        const double total = ops::sum(sample(maps, n));
        const double at_baseline = evaluator.values(batch_slice(reference, n, 1), settled.targets[n])[0];
        const double difference = settled.values[n] - at_baseline;
        gap.per_sample.push_back(std::abs(total - difference) / std::max(std::abs(difference), 1e-12));
        sum.per_sample.push_back(total);
        wanted.per_sample.push_back(difference);
    }
    Result result;
    result.value = settled.values;
    result.add("gap", std::move(gap));
    result.add("sum", std::move(sum));
    result.add("wanted", std::move(wanted));
    return result;
}

}  // namespace

Method completeness() {
    return define<CompletenessParams, run_completeness>(
        {.id = "completeness",
         .family = "judging",
         .title = "Completeness",
         .question = "Do the map's numbers add up to the answer?",
         .formula = R"(\frac{\big|\sum_i R_i - (f_t(x)-f_t(x'))\big|}{|f_t(x)-f_t(x')|})",
         .reference = {"Sundararajan, Taly, Yan", "Axiomatic Attribution for Deep Networks", 2017, "ICML"},
         .targets = any_target(),
         .outputs = {judging_output("gap", "share", Better::less,
                                    "what the sum misses, as a share of what it should be"),
                     scalar_output("sum", "score", "the sum of the map"),
                     scalar_output("wanted", "score", "what the target has at the input beyond the baseline")},
         .caveat =
             "Numbers that add up may still stand at the wrong pixels. Methods that never promised to add up are not "
             "wrong for it.",
         .subject = SubjectKind::attribution,
         .pace = Pace::rest});
}

}  // namespace pellucid::methods
