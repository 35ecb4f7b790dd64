#include "pellucid/methods/relevance/contributions.hpp"

#include "pellucid/backward/deeplift.hpp"
#include "pellucid/backward/rescale.hpp"
#include "pellucid/nn/layers.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace pellucid::methods {

namespace {

void seed_probability(std::size_t wanted, const Tensor& z, const Tensor& z0, bool centred, Tensor& seed) {
    const Softmax softmax;
    const std::vector<double> p = detail::precise_outputs(softmax, z), p0 = detail::precise_outputs(softmax, z0);
    const std::size_t classes = z.shape()[3];
    std::vector<double> m(classes);
    for (std::size_t first = 0; first < z.size(); first += classes) {
        for (std::size_t k = 0; k < classes; ++k) {
            const double change = static_cast<double>(z.data()[first + k]) - static_cast<double>(z0.data()[first + k]);
            const double mine = p[first + wanted], other = p[first + k];
            if (std::abs(change) < detail::least_change) {
                m[k] = mine * ((k == wanted ? 1.0 : 0.0) - other);
            } else {
                m[k] = k == wanted ? (mine - p0[first + wanted]) / change : 0.0;
            }
        }
        const double mean = centred ? std::accumulate(m.begin(), m.end(), 0.0) / static_cast<double>(classes) : 0.0;
        for (std::size_t k = 0; k < classes; ++k) seed.data()[first + k] = static_cast<float>(m[k] - mean);
    }
}

}  // namespace

Tensor multiplier_seed(const Target& target, const Network& network, const Trace& trace, const Trace& reference, bool centred) {
    Tensor seed = target_seed(target, network, trace, SeedMode::gradient);
    const ValueId value = target_value(target, network);
    const Tensor& v = trace.values[value];
    const Tensor& v0 = reference.values[value];
    if (target.kind == TargetKind::norm) {
        for (std::size_t i = 0; i < seed.size(); ++i) seed.data()[i] = v.data()[i] + v0.data()[i];
    } else if (target.kind == TargetKind::probability) {
        seed_probability(target.index, v, v0, centred, seed);
    }
    return seed;
}

Tensor contributions(Evaluator& evaluator, const Trace& trace, const Trace& reference, const Target& target,
                     const DeepLiftOptions& options) {
    const Network& network = evaluator.network();
    const ValueId from = target_value(target, network);
    const Tensor seed = multiplier_seed(target, network, trace, reference, options.centred_softmax);
    Tensor result = trace.values[0];
    const std::size_t size = result.size();
    const auto finish = [&](const float* for_positive, const float* for_negative) {
        for (std::size_t i = 0; i < size; ++i) {
            const float change = result.data()[i] - reference.values[0].data()[i];
            result.data()[i] = change * (change < 0.0F ? for_negative : for_positive)[i];
        }
    };
    if (options.rule == DeepLiftRule::reveal_cancel) {
        const RevealCancel rules(network, trace, reference, evaluator.workspace());
        const std::size_t samples = seed.shape()[0];
        Tensor doubled(with_batch(seed.shape(), 2 * samples));
        for (const std::size_t half : {std::size_t{0}, std::size_t{1}}) std::copy_n(seed.data(), seed.size(), doubled.data() + half * seed.size());
        const Tensor& m = evaluator.backward(rules.trace(), rules.composite(), from, doubled).values[0];
        finish(m.data(), m.data() + size);
    } else {
        const Composite composite =
            options.rule == DeepLiftRule::rescale ? deeplift_rescale(network, trace, reference) : composites::gradient();
        const Tensor& m = evaluator.backward(trace, composite, from, seed).values[0];
        finish(m.data(), m.data());
    }
    return result;
}

std::vector<ParamCard> deeplift_params() {
    return {choice_param("rule", "rescale", {"rescale", "reveal_cancel", "linear"},
                         "at what is not linear: change over change; the same for positive and negative parts apart; or "
                         "the gradient, as if it were linear"),
            flag_param("centred_softmax", false,
                       "for probabilities: multipliers minus their mean over the classes (captum); the sum then misses the "
                       "difference")};
}

DeepLiftOptions chosen_deeplift(const Params& params) {
    const std::string& rule = params.text("rule");
    return {.rule = rule == "rescale" ? DeepLiftRule::rescale
                    : rule == "linear" ? DeepLiftRule::linear
                                       : DeepLiftRule::reveal_cancel,
            .centred_softmax = params.flag("centred_softmax")};
}

std::vector<Preset> deeplift_presets() { return {{"captum", {{"centred_softmax", true}}}}; }

Evaluator& deeplift_evaluator(const Request& request, const DeepLiftOptions& options) {
    return options.rule == DeepLiftRule::reveal_cancel ? request.explainer.merged(request.target) : request.explainer.plain();
}

}  // namespace pellucid::methods
