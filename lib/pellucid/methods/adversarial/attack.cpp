#include "pellucid/methods/adversarial/attack.hpp"

#include <algorithm>
#include <cmath>

namespace pellucid::methods {

std::vector<std::size_t> attacked_classes(const Request& request) {
    Evaluator& evaluator = request.explainer.plain();
    const Trace& trace = evaluator.trace(request.input);
    std::vector<std::size_t> classes;
    for (std::size_t n = 0; n < request.input.shape()[0]; ++n) {
        classes.push_back(settle(request.target, evaluator.network(), trace, n).index);
    }
    return classes;
}

Tensor attack_direction(Evaluator& evaluator, const Tensor& x, const std::vector<std::size_t>& classes, bool targeted) {
    const Network& network = evaluator.network();
    const Trace& trace = evaluator.forward(x);
    Tensor seed = softmax(trace.values[network.logits()]);
    for (std::size_t n = 0; n < classes.size(); ++n) {
        // p − 1 as −(sum of the others): near p = 1 the difference would be 0 in float, and the step would lose its way.
        const auto p = sample(seed, n);
        double others = 0;
        for (std::size_t c = 0; c < p.size(); ++c) others += c == classes[n] ? 0.0 : static_cast<double>(p[c]);
        p[classes[n]] = static_cast<float>(-others);
    }
    if (targeted) {
        for (float& v : elements(seed)) v = -v;
    }
    return evaluator.backward(trace, composites::gradient(), network.logits(), seed).values[0];
}

std::vector<Output> attack_outputs() {
    return {map_output(MapKind::image, "the changed input"),
            map_output(MapKind::change, "what was added", "perturbation"),
            scalar_output("success", "yes", "whether the answer changed, or, targeted, is the one that was wanted"),
            scalar_output("predicted", "class", "the answer to the changed input"),
            scalar_output("probability", "share", "how sure the network is of that answer"),
            scalar_output("l2", "", "length of the change as an L2 norm"),
            scalar_output("linf", "", "largest change of a value")};
}

Result attack_result(const Request& request, const Tensor& adversarial, const std::vector<std::size_t>& classes,
                     bool targeted) {
    Evaluator& evaluator = request.explainer.plain();
    const Tensor logits = evaluator.forward(adversarial).values[evaluator.network().logits()];
    const std::vector<std::size_t> predicted = argmax(logits);
    const Tensor p = softmax(logits);
    Result result;
    Tensor perturbation(adversarial.shape());
    Scalar success, answer, probability, l2, linf;
    for (std::size_t n = 0; n < classes.size(); ++n) {
        double square = 0, largest = 0;
        for (std::size_t i = 0; i < sample_size(adversarial); ++i) {
            const float d = sample(adversarial, n)[i] - sample(request.input, n)[i];
            sample(perturbation, n)[i] = d;
            square += static_cast<double>(d) * static_cast<double>(d);
            largest = std::max(largest, std::abs(static_cast<double>(d)));
        }
        success.per_sample.push_back((predicted[n] == classes[n]) == targeted ? 1 : 0);
        answer.per_sample.push_back(static_cast<double>(predicted[n]));
        probability.per_sample.push_back(static_cast<double>(sample(p, n)[predicted[n]]));
        l2.per_sample.push_back(std::sqrt(square));
        linf.per_sample.push_back(largest);
        result.value.push_back(static_cast<double>(sample(logits, n)[classes[n]]));
    }
    result.add("map", Map{adversarial});
    result.add("perturbation", Map{std::move(perturbation)});
    result.add("success", std::move(success));
    result.add("predicted", std::move(answer));
    result.add("probability", std::move(probability));
    result.add("l2", std::move(l2));
    result.add("linf", std::move(linf));
    return result;
}

void describe_epsilon(Fields& f, AttackParams& p) {
    f.real("epsilon", p.epsilon, {0, 1000}, "largest change: of a pixel (linf), or of the whole image (l2)");
}

void describe_targeted(Fields& f, AttackParams& p) {
    f.flag("targeted", p.targeted, "towards the target's class instead of away from it");
}

}  // namespace pellucid::methods
