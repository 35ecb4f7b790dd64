/// sparseness: how few pixels hold how much of a map, by the Gini index. Chalasani et al. 2020.
///
///   G = Σ_i (2i − n − 1)·a_i / (n·Σ a),  a = |map| / max |map| + 1e-7, sorted upwards, i = 1 … n
/// 0: every element the same; towards 1: one has all. As in quantus, which divides by the largest magnitude and adds
/// 1e-7 (so that there is no division by 0); of a map of zeros there is nothing to tell: NaN.
/// Shapes: gini one number per sample. Cost: the map.
#include "pellucid/methods/judging/lens.hpp"

#include <limits>

namespace pellucid::methods {

namespace {

struct SparsenessParams {
    LensParams lens;
};

void describe(Fields& f, SparsenessParams& p) { describe_judged(f, p.lens); }

double gini(std::span<const float> map) {
    std::vector<double> a;
    for (const float v : map) a.push_back(std::abs(static_cast<double>(v)));
    std::sort(a.begin(), a.end());
    const double largest = a.back();
    if (largest == 0) return std::numeric_limits<double>::quiet_NaN();
    const auto n = static_cast<double>(a.size());
    double weighted = 0, sum = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        const double value = a[i] / largest + 1e-7;
        weighted += (2 * static_cast<double>(i + 1) - n - 1) * value;
        sum += value;
    }
    return weighted / (n * sum);
}

Result run_sparseness(const Request& request, const SparsenessParams& p) {
    const Lens lens("sparseness", p.lens);
    const Tensor maps = lens.judged(request);
    Scalar answer;
    for (std::size_t n = 0; n < maps.shape()[0]; ++n) answer.per_sample.push_back(gini(sample(maps, n)));
    Result result;
    result.value = settle_targets(request, request.explainer.plain()).values;
    result.add("gini", std::move(answer));
    return result;
}

}  // namespace

Method sparseness() {
    return define<SparsenessParams, run_sparseness>(
        {.id = "sparseness",
         .family = "judging",
         .title = "Sparseness",
         .question = "Does the map point at a few pixels, or at everything a little?",
         .formula = R"(G = \frac{\sum_i (2i-n-1)\,|R|_{(i)}}{n\sum_i |R|_{(i)}})",
         .reference = {"Chalasani, Chen, Chowdhury, Wu, Jha",
                       "Concise Explanations of Neural Networks using Adversarial Training", 2020, "ICML"},
         .targets = any_target(),
         .outputs = {scalar_output("gini", "share", "Gini index of the map's magnitudes: 0 even, towards 1 sparse")},
         .caveat = "Short is not the same as right: a map of one wrong pixel is as sparse as can be.",
         .subject = SubjectKind::attribution,
         .pace = Pace::rest});
}

}  // namespace pellucid::methods
