#include "pellucid/methods/relevance/contributions.hpp"

#include "pellucid/backward/rescale.hpp"
#include "pellucid/nn/layers.hpp"
#include "pellucid/ops.hpp"

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

Tensor multiplier_seed(const Target& target, const Network& network, const Trace& trace, const Trace& reference,
                       bool centred) {
    Tensor seed = target_seed(target, network, trace, SeedMode::gradient);
    const ValueId value = target_value(target, network);
    const Tensor& v = trace.values[value];
    const Tensor& v0 = reference.values[value];
    if (target.kind == TargetKind::norm) {
        seed = v;
        ops::add(elements(seed), elements(v0));
    } else if (target.kind == TargetKind::probability) {
        seed_probability(target.index, v, v0, centred, seed);
    }
    return seed;
}

namespace {

Composite chosen_composite(const std::optional<RevealCancel>& parts, const Network& network, const Trace& trace,
                           const Trace& reference, DeepLiftRule rule) {
    if (parts) return parts->composite();
    return rule == DeepLiftRule::rescale ? deeplift_rescale(network, trace, reference) : composites::gradient();
}

/// Every sample twice.
Tensor doubled(const Tensor& tensor) {
    Tensor twice(with_batch(tensor.shape(), 2 * tensor.shape()[0]));
    for (const std::size_t half : {std::size_t{0}, std::size_t{1}}) {
        std::copy_n(tensor.data(), tensor.size(), twice.data() + half * tensor.size());
    }
    return twice;
}

}  // namespace

DeepLiftPass::DeepLiftPass(Evaluator& evaluator, const Trace& trace, const Trace& reference, const Target& target,
                           const DeepLiftOptions& options, Ledger* ledger)
    : evaluator_(evaluator),
      network_(evaluator.network()),
      trace_(trace),
      reference_(reference),
      parts_(options.rule == DeepLiftRule::reveal_cancel
                 ? std::optional<RevealCancel>(std::in_place, network_, trace, reference, evaluator.workspace())
                 : std::nullopt),
      composite_(chosen_composite(parts_, network_, trace, reference, options.rule)),
      rules_(composite_.assign(network_)) {
    Tensor seed = multiplier_seed(target, network_, trace, reference, options.centred_softmax);
    if (parts_) seed = doubled(seed);
    const auto amount = [this](ValueId value, const Tensor& multipliers) { return sum(value, multipliers); };
    const SignalSum of_contributions = amount;
    const ValueId from = target_value(target, network_);
    multipliers_ = &evaluator.backward(carried(), composite_, from, seed, 0, ledger, &of_contributions);
}

template <typename Use>
void DeepLiftPass::each(ValueId value, const Tensor& multipliers, Use use) const {
    const std::size_t size = trace_.values[value].size();
    const float* m = multipliers.data();
    if (parts_) {
        const float* up = parts_->positive_part(value).data();
        const float* down = parts_->negative_part(value).data();
        for (std::size_t i = 0; i < size; ++i) use(i, up[i] * m[i] + down[i] * m[size + i]);
    } else {
        const float* v = trace_.values[value].data();
        const float* v0 = reference_.values[value].data();
        for (std::size_t i = 0; i < size; ++i) use(i, (v[i] - v0[i]) * m[i]);
    }
}

double DeepLiftPass::sum(ValueId value, const Tensor& multipliers) const {
    // Four sums, so that each addition need not wait for the one before.
    double sums[4] = {};
    each(value, multipliers,
         [&](std::size_t i, float contribution) { sums[i % 4] += static_cast<double>(contribution); });
    return (sums[0] + sums[1]) + (sums[2] + sums[3]);
}

float DeepLiftPass::contribution(ValueId value, const Tensor& multipliers, std::size_t element) const {
    const float* m = multipliers.data() + element;
    if (!parts_) return (trace_.values[value].data()[element] - reference_.values[value].data()[element]) * *m;
    const float up = parts_->positive_part(value).data()[element], down = parts_->negative_part(value).data()[element];
    return up * *m + down * m[trace_.values[value].size()];
}

Tensor DeepLiftPass::contributions(ValueId value) const {
    Tensor result(trace_.values[value].shape());
    float* to = result.data();
    each(value, multipliers_->values[value], [to](std::size_t i, float contribution) { to[i] = contribution; });
    return result;
}

Signals DeepLiftPass::contributions() const {
    Signals all;
    all.known = multipliers_->known;
    for (ValueId value = 0; value < all.known.size(); ++value) {
        all.values.push_back(all.known[value] != 0 ? contributions(value) : Tensor());
    }
    return all;
}

void DeepLiftPass::add_messages(ValueId reader, std::size_t input, std::size_t unit,
                                std::vector<Message>& messages) const {
    const Node& node = network_.nodes()[reader - 1];
    if (const auto* layer = dynamic_cast<const WeightedLayer*>(node.layer.get())) {
        products(*layer, reader, node.inputs[input], unit, messages);
    } else {
        one_by_one(reader, input, unit, messages);
    }
}

std::string_view DeepLiftPass::rule(ValueId reader) const {
    const std::string_view id = rules_[reader - 1]->id();
    return id == "gradient" ? "linear" : id;
}

void DeepLiftPass::products(const WeightedLayer& layer, ValueId reader, ValueId value, std::size_t unit,
                            std::vector<Message>& messages) const {
    Tensor one_hot = zeros(network_.shape(value));
    one_hot.data()[unit] = 1.0F;
    Tensor column(network_.shape(reader));  // the weights between the unit and every output
    layer.apply(one_hot, evaluator_.workspace().weights(layer, form_all, form_none), column);
    const std::size_t samples = trace_.values[0].shape()[0];
    const Tensor& multipliers = multipliers_->values[reader];
    for (std::size_t n = 0; n < samples; ++n) {
        const double change = static_cast<double>(sample(trace_.values[value], n)[unit]) -
                              static_cast<double>(sample(reference_.values[value], n)[unit]);
        for (std::size_t k = 0; k < messages.size(); ++k) {
            const double w = column.data()[k];
            // What moves the unit above down belongs to its Δ⁻, whose multipliers lie in the second half.
            const bool second = parts_ && w * change < 0;
            const double m = sample(multipliers, second ? samples + n : n)[k];
            messages[k].value += change * w * m;
            if (samples > 1 || change * w * m == 0.0) continue;
            messages[k].terms.assign(1, {0, change, w, 1.0});
            messages[k].multiplier = m;
        }
    }
}

void DeepLiftPass::one_by_one(ValueId reader, std::size_t input, std::size_t unit,
                              std::vector<Message>& messages) const {
    const Node& node = network_.nodes()[reader - 1];
    const Layer& layer = *node.layer;
    const ValueId value = node.inputs[input];
    std::vector<Tensor> first;
    std::vector<const Tensor*> pointers;
    for (const ValueId each : node.inputs) first.push_back(batch_slice(trace_.values[each], 0, 1));
    for (const Tensor& each : first) pointers.push_back(&each);
    const Tensor output = batch_slice(trace_.values[reader], 0, 1);
    const Step one{pointers, output, trace_.records[reader - 1]};

    LayerInputs storage;
    const Step step = network_.step(carried(), reader - 1, storage);
    const Tensor& multipliers = multipliers_->values[reader];
    Tensor alone = zeros(multipliers.shape());
    Tensor received(step.inputs[input]->shape());
    std::vector<Tensor*> outgoing(step.inputs.size(), nullptr);
    outgoing[input] = &received;
    const std::size_t outputs = messages.size(), size = sample_size(received);
    for (const std::size_t k : reached_units(layer, one, input, unit, evaluator_.workspace())) {
        for (std::size_t i = k; i < alone.size(); i += outputs) alone.data()[i] = multipliers.data()[i];
        rules_[reader - 1]->cross({layer, step, alone, outgoing, evaluator_.workspace(), nullptr});
        for (std::size_t i = k; i < alone.size(); i += outputs) alone.data()[i] = 0.0F;
        for (std::size_t i = unit; i < trace_.values[value].size(); i += size) {
            messages[k].value += static_cast<double>(contribution(value, received, i));
        }
    }
}

void describe(Fields& f, DeepLiftOptions& p) {
    f.choice("rule", p.rule, {"rescale", "reveal_cancel", "linear"},
             "at what is not linear: change over change; the same for positive and negative parts apart; or the "
             "gradient, as if it were linear");
    f.flag("centred_softmax", p.centred_softmax,
           "for probabilities: multipliers minus their mean over the classes (captum); the sum then misses the "
           "difference")
        .rarely();
}

std::vector<Preset> deeplift_presets() { return {{"captum", {{"centred_softmax", true}}}}; }

Evaluator& deeplift_evaluator(const Request& request, const DeepLiftOptions& options) {
    return options.rule == DeepLiftRule::reveal_cancel ? request.explainer.merged(request.target)
                                                       : request.explainer.plain();
}

}  // namespace pellucid::methods
