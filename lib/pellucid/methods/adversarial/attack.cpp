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

Result attack_result(const Request& request, const Tensor& adversarial, const std::vector<std::size_t>& classes) {
    Evaluator& evaluator = request.explainer.plain();
    const Tensor logits = evaluator.forward(adversarial).values[evaluator.network().logits()];
    const std::vector<std::size_t> predicted = argmax(logits);
    const bool targeted = request.params.flag("targeted");
    Result result;
    result.map = adversarial;
    Tensor perturbation(adversarial.shape());
    double successes = 0, l2 = 0, linf = 0;
    for (std::size_t n = 0; n < classes.size(); ++n) {
        successes += (predicted[n] == classes[n]) == targeted ? 1 : 0;
        double square = 0, largest = 0;
        for (std::size_t i = 0; i < sample_size(adversarial); ++i) {
            const float d = sample(adversarial, n)[i] - sample(request.input, n)[i];
            sample(perturbation, n)[i] = d;
            square += static_cast<double>(d) * static_cast<double>(d);
            largest = std::max(largest, std::abs(static_cast<double>(d)));
        }
        l2 += std::sqrt(square);
        linf += largest;
        result.value.push_back(static_cast<double>(sample(logits, n)[classes[n]]));
    }
    const auto count = static_cast<double>(classes.size());
    const Tensor p = softmax(logits);
    result.numbers = {{"success", successes / count},
                      {"predicted", static_cast<double>(predicted[0])},
                      {"probability", static_cast<double>(p.data()[predicted[0]])},
                      {"l2", l2 / count},
                      {"linf", linf / count}};
    result.images.emplace_back("perturbation", std::move(perturbation));
    return result;
}

ParamCard epsilon_param(double fallback) {
    return real_param("epsilon", fallback, 0, 1000, "largest change: of a pixel (linf), or of the whole image (l2)");
}

ParamCard targeted_param() {
    return flag_param("targeted", false, "towards the target's class instead of away from it");
}

}  // namespace pellucid::methods
