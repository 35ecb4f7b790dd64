#include "pellucid/methods/adversarial/attack.hpp"

#include "pellucid/nn/head.hpp"

#include <algorithm>
#include <cmath>

namespace pellucid::methods {

Attacked attacked(const Request& request) {
    Evaluator& evaluator = request.explainer.plain();
    const Network& network = evaluator.network();
    const Tensor& logits = evaluator.trace(request.input).values[network.logits()];
    if (request.target.kind == TargetKind::predicted) return {decisions(network, logits)};
    const std::size_t label = network.classes() == 1 && decides_singly(network) ? 1 : request.target.index;
    return {std::vector<std::size_t>(request.input.shape()[0], label)};
}

Tensor attack_direction(Evaluator& evaluator, const Tensor& x, const Attacked& attacked, bool targeted) {
    const Network& network = evaluator.network();
    const Trace& trace = evaluator.forward(x);
    const Tensor& logits = trace.values[network.logits()];
    Tensor seed(logits.shape());
    for (std::size_t n = 0; n < attacked.labels.size(); ++n)
        loss_gradient(network, sample(logits, n), attacked.labels[n], sample(seed, n));
    if (targeted) {
        for (float& v : elements(seed)) v = -v;
    }
    return evaluator.backward(trace, composites::gradient(), network.logits(), seed).values[0];
}

Bounds::Bounds(const Tensor& original, const Network& network, double epsilon)
    : original_(original), range_(input_range(network)), epsilon_(epsilon) {}

float Bounds::nearest(std::size_t i, double wanted) const {
    const float from = original_.data()[i];
    const std::size_t channel = i % original_.shape()[3];
    // An input may lie outside (by rounding; by more where the model declares no range): it goes no further.
    const double low = std::min(range_.low_of(channel), from), high = std::max(range_.high_of(channel), from);
    const auto origin = static_cast<double>(from);
    const double allowed = std::clamp(std::clamp(wanted, origin - epsilon_, origin + epsilon_), low, high);
    auto value = static_cast<float>(allowed);
    // Rounding to float32 may have gone over a bound by half a step, and so may the difference when others take it.
    const auto over = [&](float v) {
        return std::abs(static_cast<double>(v) - origin) > epsilon_ ||
               std::abs(static_cast<double>(v - from)) > epsilon_;
    };
    while (over(value)) value = std::nextafter(value, from);
    return value;
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

Result attack_result(const Request& request, const Tensor& adversarial, const Attacked& attacked, bool targeted) {
    Evaluator& evaluator = request.explainer.plain();
    const Network& network = evaluator.network();
    const Tensor logits = evaluator.forward(adversarial).values[network.logits()];
    const std::vector<std::size_t> predicted = decisions(network, logits);
    Result result;
    Tensor perturbation(adversarial.shape());
    Scalar success, answer, probability, l2, linf;
    for (std::size_t n = 0; n < attacked.labels.size(); ++n) {
        double square = 0, largest = 0;
        for (std::size_t i = 0; i < sample_size(adversarial); ++i) {
            const float d = sample(adversarial, n)[i] - sample(request.input, n)[i];
            sample(perturbation, n)[i] = d;
            square += static_cast<double>(d) * static_cast<double>(d);
            largest = std::max(largest, std::abs(static_cast<double>(d)));
        }
        success.per_sample.push_back((predicted[n] == attacked.labels[n]) == targeted ? 1 : 0);
        answer.per_sample.push_back(static_cast<double>(predicted[n]));
        const std::vector<double> p = probabilities(network, sample(logits, n));
        // Of one output alone, p is that of yes.
        probability.per_sample.push_back(p.size() > 1 ? p[predicted[n]] : predicted[n] == 0 ? 1 - p[0] : p[0]);
        l2.per_sample.push_back(std::sqrt(square));
        linf.per_sample.push_back(largest);
        result.value.push_back(static_cast<double>(sample(logits, n)[attacked.unit(n, network)]));
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
    f.real("epsilon", p.epsilon, {0, 1e6}, "largest change: of a pixel (linf), or of the whole image (l2)")
        .follows(FromRange::share);
}

void describe_targeted(Fields& f, AttackParams& p) {
    f.flag("targeted", p.targeted, "towards the target's class instead of away from it");
}

}  // namespace pellucid::methods
