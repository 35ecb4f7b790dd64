#include "attack_batch.hpp"

#include "pellucid/error.hpp"
#include "pellucid/nn/head.hpp"
#include "progress.hpp"

#include <algorithm>
#include <cmath>

namespace pellucid::cli {

namespace {

/// Attacks have a flag of that name where they can lead to a class as well as away from one.
bool is_targeted(const Params& params) {
    for (const auto& [card, value] : params.all()) {
        if (card->name == "targeted") return std::get<bool>(value);
    }
    return false;
}

Tensor some_of(const Tensor& images, std::span<const std::size_t> places) {
    Tensor some(with_batch(images.shape(), places.size()));
    for (std::size_t i = 0; i < places.size(); ++i)
        std::ranges::copy(sample(images, places[i]), sample(some, i).begin());
    return some;
}

/// Runs the attack on the images at `places`; the changed images, or nothing where it was interrupted.
std::optional<Tensor> changed(const Request& request, const Method& attack) {
    const auto run = start(attack, request);
    while (!interrupted() && run->step()) {
    }
    if (interrupted()) return std::nullopt;
    return run->snapshot().map();
}

/// The same where the attack may meet no gradient somewhere: then image by image, and those stay as they are.
std::optional<Tensor> changed_where_possible(Request request, const Method& attack) {
    try {
        return changed(request, attack);
    } catch (const Error& error) {
        if (error.code() != ErrorCode::unsupported) throw;
    }
    Tensor images = request.input;
    for (std::size_t n = 0; n < images.shape()[0]; ++n) {
        request.input = batch_slice(images, n, 1);
        try {
            const auto one = changed(request, attack);
            if (!one) return std::nullopt;
            std::ranges::copy(elements(*one), sample(images, n).begin());
        } catch (const Error& error) {
            if (error.code() != ErrorCode::unsupported) throw;
        }
    }
    return images;
}

void measure(const Tensor& before, const Tensor& after, std::size_t n, ImageOutcome& outcome) {
    for (std::size_t i = 0; i < sample_size(before); ++i) {
        const double d = static_cast<double>(sample(after, n)[i]) - static_cast<double>(sample(before, n)[i]);
        outcome.l0 += d != 0 ? 1 : 0;
        outcome.l2 += d * d;
        outcome.linf = std::max(outcome.linf, std::abs(d));
    }
    outcome.l2 = std::sqrt(outcome.l2);
}

}  // namespace

void check_attack(const Method& method) {
    if (changes_input(method.card)) return;
    fail(ErrorCode::bad_argument,
         "--attack takes a method that changes the input, such as fgsm or pgd, and {} does not", method.card.id);
}

std::map<std::size_t, ImageOutcome> evaluate_batch(Explainer& explainer, const Method* attack, const Params* params,
                                                   const Tensor& images, std::span<const std::size_t> numbers,
                                                   std::span<const std::size_t> labels) {
    const Network& network = explainer.network();
    const std::vector<std::size_t> answers = decisions(network, predict_logits(network, images));
    std::map<std::size_t, ImageOutcome> outcomes;
    // Of a batch, those that have one target: all that are answered rightly where their answer is the target; where the
    // target is the class after the label, those of one label.
    std::map<std::size_t, std::vector<std::size_t>> together;
    const bool targeted = attack != nullptr && is_targeted(*params);
    for (std::size_t i = 0; i < numbers.size(); ++i) {
        const ImageOutcome outcome{labels[i], answers[i], answers[i]};
        if (attack != nullptr && outcome.right()) {
            together[targeted ? (labels[i] + 1) % network.classes() : 0].push_back(i);
        } else {
            outcomes[numbers[i]] = outcome;
        }
    }
    for (const auto& [target, places] : together) {
        const Tensor before = some_of(images, places);
        const std::optional<Tensor> after = changed_where_possible(
            {explainer, before, targeted ? Target::of_class(target) : Target{}, *params}, *attack);
        if (!after) break;
        const std::vector<std::size_t> now = decisions(network, predict_logits(network, *after));
        for (std::size_t k = 0; k < places.size(); ++k) {
            ImageOutcome outcome{labels[places[k]], answers[places[k]], now[k]};
            measure(before, *after, k, outcome);
            outcomes[numbers[places[k]]] = outcome;
        }
    }
    return outcomes;
}

}  // namespace pellucid::cli
