#include "pellucid/methods/adversarial/attack.hpp"

#include "pellucid/error.hpp"
#include "pellucid/nn/head.hpp"
#include "pellucid/ops.hpp"

#include <algorithm>
#include <cmath>

namespace pellucid::methods {

Attacked attacked(const Request& request, bool targeted) {
    const Network& network = request.explainer.network();
    const bool alone = network.classes() == 1;
    if (alone && !decides_singly(network)) {
        fail(ErrorCode::bad_argument,
             "the network knows one class only, which it always answers: an attack needs a second answer to lead to");
    }
    const std::vector<std::size_t> answers = decisions(network, predict_logits(network, request.input));
    Attacked attacked{answers, targeted};
    if (request.target.kind != TargetKind::predicted)
        std::fill(attacked.labels.begin(), attacked.labels.end(), alone ? 1 : request.target.index);
    if (!targeted) return attacked;
    for (std::size_t n = 0; n < answers.size(); ++n) {
        if (answers[n] != attacked.labels[n]) continue;
        fail(ErrorCode::bad_argument,
             "input {} is already taken for {}, the answer that the attack should lead to: {} leave 'targeted' off", n,
             alone ? "a yes" : fmt::format("class {}", answers[n]),
             alone ? "" : fmt::format("name another class as its target, as in class:{}, or", answers[n] == 0 ? 1 : 0));
    }
    return attacked;
}

std::vector<std::size_t> wanted_answers(const Request& request, const Attacked& attacked) {
    if (attacked.targeted) return attacked.labels;
    const Victim victim(request.explainer.network());
    const Tensor logits = predict_logits(victim.network(), request.input);
    std::vector<std::size_t> wanted;
    for (std::size_t n = 0; n < attacked.labels.size(); ++n)
        wanted.push_back(victim.best_other(sample(logits, n), attacked.labels[n]));
    return wanted;
}

void check_epsilon(double epsilon, Norm norm, const Network& network) {
    const InputRange range = input_range(network);
    const Shape& shape = network.input_shape();
    double extent = 0, square = 0;
    for (std::size_t c = 0; c < shape[3]; ++c) {
        const double of_channel = static_cast<double>(range.high_of(c)) - static_cast<double>(range.low_of(c));
        extent = std::max(extent, of_channel);
        square += of_channel * of_channel * static_cast<double>(shape[1] * shape[2]);
    }
    const double most = norm == Norm::linf ? extent : std::sqrt(square);
    if (epsilon <= most * (1 + 1e-6)) return;
    fail(ErrorCode::bad_argument,
         "an epsilon of {} is beyond the network's input range {}: {} can change by {:.6g} at most", epsilon,
         to_string(range), norm == Norm::linf ? "a pixel" : "a whole image", most);
}

void check_gradient(std::span<const float> gradient, std::size_t n) {
    if (std::ranges::any_of(gradient, [](float g) { return g != 0.0F; })) return;
    fail(ErrorCode::unsupported,
         "no gradient reaches input {}, as where every ReLU on the way is off: an attack by gradients has no direction "
         "to take there; one that only asks for answers (one_pixel) needs none",
         n);
}

float Box::nearest(std::size_t i, float wanted) const {
    return std::min(std::max(wanted, low.data()[i]), high.data()[i]);
}

namespace {

/// The float next to `wanted` that is no further than `epsilon` from `from`.
float last_allowed(float from, double wanted, double epsilon) {
    const auto origin = static_cast<double>(from);
    auto value = static_cast<float>(wanted);
    // Rounding to float32 may have gone over a bound by half a step, and so may the difference when others take it.
    const auto over = [&](float v) {
        return std::abs(static_cast<double>(v) - origin) > epsilon || std::abs(static_cast<double>(v - from)) > epsilon;
    };
    while (over(value)) value = std::nextafter(value, from);
    return value;
}

}  // namespace

Box box_around(const Tensor& original, const Network& network, std::span<const double> epsilons) {
    const InputRange range = input_range(network);
    const std::size_t channels = original.shape()[3], size = sample_size(original);
    Box box{Tensor(original.shape()), Tensor(original.shape())};
    for (std::size_t i = 0; i < original.size(); ++i) {
        const float from = original.data()[i];
        const auto origin = static_cast<double>(from);
        const double epsilon = epsilons[i / size];
        const double least = std::min(range.low_of(i % channels), from),
                     most = std::max(range.high_of(i % channels), from);
        box.low.data()[i] = last_allowed(from, std::max(origin - epsilon, least), epsilon);
        box.high.data()[i] = last_allowed(from, std::min(origin + epsilon, most), epsilon);
    }
    return box;
}

Box box_around(const Tensor& original, const Network& network, double epsilon) {
    return box_around(original, network, std::vector<double>(original.shape()[0], epsilon));
}

double largest_change(std::span<const float> a, std::span<const float> b) {
    double largest = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        const double exact = std::abs(static_cast<double>(a[i]) - static_cast<double>(b[i]));
        largest = std::max({largest, exact, std::abs(static_cast<double>(a[i] - b[i]))});
    }
    return largest;
}

double distance(std::span<const float> a, std::span<const float> b) {
    double square = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        const double exact = std::abs(static_cast<double>(a[i]) - static_cast<double>(b[i]));
        const double d = std::max(exact, std::abs(static_cast<double>(a[i] - b[i])));
        square += d * d;
    }
    return std::sqrt(square);
}

void shorten(std::span<const float> from, double epsilon, const Box& range, std::size_t n, std::span<float> x) {
    double length = distance(x, from);
    if (length <= epsilon) return;
    const std::vector<float> moved(x.begin(), x.end());
    double shrink = epsilon / length;
    do {
        for (std::size_t i = 0; i < x.size(); ++i) {
            const auto origin = static_cast<double>(from[i]);
            const double wanted = origin + (static_cast<double>(moved[i]) - origin) * shrink;
            x[i] = range.nearest(n * x.size() + i, static_cast<float>(wanted));
        }
        // Rounding may have made it longer by a last bit.
        shrink *= 1 - 1e-6;
        length = distance(x, from);
    } while (length > epsilon && shrink > 0);
}

std::vector<Output> attack_outputs(std::vector<Output> more) {
    std::vector<Output> outputs{
        map_output(MapKind::image, "the changed input"),
        map_output(MapKind::change, "what was added", "perturbation"),
        scalar_output("success", "yes", "whether the answer changed, or, targeted, is the one that was wanted"),
        scalar_output("predicted", "class", "the answer to the changed input"),
        scalar_output("probability", "share", "how sure the network is of that answer"),
        scalar_output("l0", "", "number of values that changed"),
        scalar_output("l2", "", "length of the change as an L2 norm"),
        scalar_output("linf", "", "largest change of a value")};
    std::ranges::move(more, std::back_inserter(outputs));
    return outputs;
}

Result attack_result(const Request& request, const Tensor& adversarial, const Attacked& attacked) {
    const Network& network = request.explainer.network();
    const Tensor logits = predict_logits(network, adversarial);
    const std::vector<std::size_t> predicted = decisions(network, logits);
    Result result;
    Tensor perturbation = adversarial;
    ops::subtract(elements(perturbation), elements(request.input));
    Scalar success, answer, probability, l0, l2, linf;
    for (std::size_t n = 0; n < attacked.labels.size(); ++n) {
        const auto change = sample(std::as_const(perturbation), n);
        const auto same = std::ranges::count(change, 0.0F);
        const std::vector<double> p = probabilities(network, sample(logits, n));
        // Of one output alone, p is that of yes.
        const bool alone = p.size() == 1;
        success.per_sample.push_back((predicted[n] == attacked.labels[n]) == attacked.targeted ? 1 : 0);
        answer.per_sample.push_back(static_cast<double>(predicted[n]));
        probability.per_sample.push_back(alone && predicted[n] == 0 ? 1 - p[0] : p[alone ? 0 : predicted[n]]);
        l0.per_sample.push_back(static_cast<double>(change.size()) - static_cast<double>(same));
        l2.per_sample.push_back(ops::length(change));
        linf.per_sample.push_back(ops::largest(change));
        result.value.push_back(static_cast<double>(sample(logits, n)[attacked.unit(n, network)]));
    }
    result.add("map", Map{adversarial});
    result.add("perturbation", Map{std::move(perturbation)});
    result.add("success", std::move(success));
    result.add("predicted", std::move(answer));
    result.add("probability", std::move(probability));
    result.add("l0", std::move(l0));
    result.add("l2", std::move(l2));
    result.add("linf", std::move(linf));
    return result;
}

void describe_epsilon(Fields& f, double& epsilon, Words help) {
    f.real("epsilon", epsilon, {0, 1e6}, help).share_of_range();
}

void describe_norm(Fields& f, Norm& norm) { f.choice("norm", norm, {"linf", "l2"}, "what ε bounds"); }

void describe_targeted(Fields& f, bool& targeted) {
    f.flag("targeted", targeted, "towards the target's class instead of away from it");
}

}  // namespace pellucid::methods
