/// unit_ablation: the answer without a unit, a channel or a layer. Morcos, Barrett, Rabinowitz, Botvinick 2018.
///
///   change_k = f_t(x) − f_t(x where channel (or unit) k of the layer is damaged), beside its derivative Σ ∂f_t/∂a_k
/// Damage: zero, scale, disturb (noise), mean over the data (methods/inside/ablation.hpp). `units`: what is damaged all
/// at once, by hand: "after", the target's value then, and "answer", the probabilities of the classes then.
/// `drawings` > 0: "over_data", the mean of |change_k| over so many drawings (of the data that were given, else the
/// built-in pen digits), each asked for the target, "predicted" for its own answer.
/// A damage that leaves the layer as it is (factor 1, a unit that was 0 already) changes nothing, to the last bit: what
/// was recorded is its answer. Shapes: change (N, 1, 1, K) or (N, 1, 1, h·w·K).
/// Cost: the layers above the damaged one, once for each channel (or unit), in batches; `drawings` times as much over
/// data.
#include "pellucid/error.hpp"
#include "pellucid/methods/attribution/sampling.hpp"
#include "pellucid/methods/inside/ablation.hpp"
#include "pellucid/methods/inside/layer_choice.hpp"
#include "pellucid/methods/inside/reference_drawings.hpp"
#include "pellucid/methods/inside/tail.hpp"
#include "pellucid/nn/head.hpp"
#include "pellucid/ops.hpp"

#include <algorithm>
#include <cmath>

namespace pellucid::methods {

namespace {

struct UnitAblationParams {
    std::string layer, units;
    bool by_unit = false;
    DamageParams damage;
    std::size_t drawings = 0;
};

void describe(Fields& f, UnitAblationParams& p) {
    f.layer("layer", p.layer, "the layer whose units are damaged; empty: the last convolution's activation");
    f.text("units", p.units, "what is damaged by hand: channels (3;7), units (3,4,5: channel, row, column), or all");
    describe(f, p.damage);
    f.choice("by", p.by_unit, {"channel", "unit"}, "ranked are whole channels, or single units");
    f.integer("drawings", p.drawings, {0, 10000}, "drawings that the ranking over data is taken over; 0: none");
}

class UnitAblationRun final : public PartedRun {
public:
    UnitAblationRun(const Request& request, const UnitAblationParams& p)
        : request_(request),
          params_(p),
          evaluator_(request.explainer.plain()),
          network_(evaluator_.network()),
          settled_(settle_targets(request, evaluator_)),
          layer_(layer_below("unit_ablation", network_, request.target, p.layer)),
          by_hand_(named_units("unit_ablation", network_, layer_, p.units)),
          groups_(p.by_unit ? sample_size(network_.shape(layer_)) : network_.shape(layer_)[3]),
          tail_(network_, layer_, target_value(request.target, network_)),
          damage_(request, layer_, p.damage),
          damaged_(damage_(trace().values[layer_])),
          of_input_(request.input.shape()[0], groups_),
          changes_(layer_scores(network_, layer_, p.by_unit, request.input.shape()[0])),
          over_data_(groups_, 0.0) {
        if (p.drawings > 0) prepare_data();
        data_parts_ = Partition(data_.shape()[0], groups_);
    }

    std::size_t parts() const override { return of_input_.parts() + data_parts_.parts(); }

    /// f_t − f_t(damaged) for each of the part's groups.
    std::vector<Tensor> compute(std::size_t part) override {
        if (part < of_input_.parts()) {
            const auto [n, first, count] = of_input_[part];
            return list_of(changes(trace(), damaged_, n, settled_.targets[n], first, count));
        }
        const auto [n, first, count] = data_parts_[part - of_input_.parts()];
        const Trace& trace = evaluator_.forward(batch_slice(data_, n, 1));
        const Target target = settle(request_.target, network_, trace, 0);
        return list_of(changes(trace, damage_(trace.values[layer_]), 0, target, first, count));
    }

    Result snapshot() override {
        Result result;
        result.value = settled_.values;
        result.add("change", Scores(changes_));
        result.add("gradient", gradients());
        add_by_hand(result);
        if (data_.size() > 0) {
            Scores over = changes_;
            for (std::size_t n = 0; n < request_.input.shape()[0]; ++n)
                ops::mean_of(over_data_, static_cast<double>(data_.shape()[0]), sample(over.values, n));
            result.add("over_data", std::move(over));
        }
        return result;
    }

protected:
    void take(std::size_t part, const std::vector<Tensor>& computed) override {
        if (part < of_input_.parts()) {
            const auto [n, first, count] = of_input_[part];
            std::copy_n(computed[0].data(), count, sample(changes_.values, n).data() + first);
            return;
        }
        const auto [n, first, count] = data_parts_[part - of_input_.parts()];
        for (std::size_t i = 0; i < count; ++i) {
            over_data_[first + i] += std::abs(static_cast<double>(computed[0].data()[i]));
        }
    }

private:
    const Trace& trace() { return evaluator_.trace(request_.input); }

    void prepare_data() {
        data_ = reference_drawings(request_, params_.drawings).images;
        if (data_.size() == 0) {
            fail(ErrorCode::unsupported,
                 "unit_ablation: a ranking over {} drawings needs data, and none were given that this network reads; "
                 "drawings = 0 ranks for the input alone",
                 params_.drawings);
        }
    }

    Tensor changes(const Trace& trace, const Tensor& damage, std::size_t n, const Target& target, std::size_t first,
                   std::size_t count) {
        const auto own = sample(trace.values[layer_], n), other = sample(damage, n);
        Tensor changed(with_batch(network_.shape(layer_), count));
        std::vector<char> differs(count, 0);
        for (std::size_t i = 0; i < count; ++i) {
            const auto to = sample(changed, i);
            std::copy(own.begin(), own.end(), to.begin());
            for (std::size_t u = first + i; u < to.size(); u += groups_) {
                if (to[u] != other[u]) differs[i] = 1;
                to[u] = other[u];
            }
        }
        const std::vector<double> after = target_values(target, network_, tail_(trace, n, changed));
        const double before =
            target_values(target, network_, batch_slice(trace.values[target_value(target, network_)], n, 1))[0];
        Tensor difference(Shape{1, 1, 1, count});
        for (std::size_t i = 0; i < count; ++i) {
            difference.data()[i] = differs[i] != 0 ? static_cast<float>(before - after[i]) : 0.0F;
        }
        return difference;
    }

    /// Σ ∂f_t/∂a over each group.
    Scores gradients() {
        const Signals& signals = evaluator_.gradients(request_.input, request_.target);
        Scores sums = changes_;
        for (std::size_t n = 0; n < request_.input.shape()[0]; ++n) {
            std::vector<double> of_groups(groups_, 0.0);
            ops::add_rows(of_groups, sample(signals.values[layer_], n));
            ops::mean_of(of_groups, 1, sample(sums.values, n));
        }
        return sums;
    }

    /// The answers with the units of `units` damaged.
    void add_by_hand(Result& result) {
        const std::size_t samples = request_.input.shape()[0];
        const Shape& logits = network_.shape(network_.logits());
        // Of a layer beside the way to the classes there is no such answer to tell.
        const bool classes = logits[1] * logits[2] == 1 && values_below(network_, network_.logits())[layer_];
        Scalar after;
        Scores answer{channel_names(logits[3]), zeros({samples, 1, 1, logits[3]})};
        for (std::size_t n = 0; n < samples; ++n) {
            Tensor changed = batch_slice(trace().values[layer_], n, 1);
            const auto other = sample(damaged_, n);
            bool differs = false;
            for (const std::size_t u : by_hand_) {
                differs = differs || changed.data()[u] != other[u];
                changed.data()[u] = other[u];
            }
            after.per_sample.push_back(differs
                                           ? target_values(settled_.targets[n], network_, tail_(trace(), n, changed))[0]
                                           : settled_.values[n]);
            if (!classes) continue;
            Tensor z = batch_slice(trace().values[network_.logits()], n, 1);
            if (differs) z = Tail(network_, layer_, network_.logits())(trace(), n, changed);
            ops::mean_of(probabilities(network_, elements(z)), 1, sample(answer.values, n));
        }
        result.add("after", std::move(after));
        if (classes) result.add("answer", std::move(answer));
    }

    Request request_;
    UnitAblationParams params_;
    Evaluator& evaluator_;
    const Network& network_;
    SettledTargets settled_;
    ValueId layer_;
    std::vector<std::size_t> by_hand_;
    std::size_t groups_;
    Tail tail_;
    Damager damage_;
    Tensor damaged_;
    Partition of_input_;
    Scores changes_;
    std::vector<double> over_data_;
    Tensor data_ = Tensor(Shape{0, 0, 0, 0});
    Partition data_parts_{0, 1};
};

std::unique_ptr<Run> start_unit_ablation(const Request& request, const UnitAblationParams& p) {
    return std::make_unique<UnitAblationRun>(request, p);
}

}  // namespace

Method unit_ablation() {
    return define<UnitAblationParams, start_unit_ablation>(
        {.id = "unit_ablation",
         .family = "inside",
         .title = "Unit ablation",
         .question = "What would the network answer without this unit, channel or layer?",
         .formula = R"(f_t(x) - f_t\big(x\mid a_k \leftarrow 0\big))",
         .reference = {"Morcos, Barrett, Rabinowitz, Botvinick",
                       "On the importance of single directions for generalization", 2018, "ICLR"},
         .targets = any_target(),
         .outputs = {scores_output("change", "score", "how much the target loses without each channel or unit"),
                     scores_output(
                         "gradient", "score",
                         "the same by the derivative: what a little less of it would do, per unit of activity"),
                     scalar_output("after", "score", "the target's value with the chosen units damaged"),
                     optional_output(scores_output("answer", "probability",
                                                   "the classes' probabilities with the chosen units damaged")),
                     optional_output(scores_output("over_data", "score", "mean size of the change over the data"))},
         .caveat =
             "One unit at a time: what several can do for each other does not show, and a network without a unit is "
             "not the network that training would have made without it.",
         .progressive = true,
         .pace = Pace::rest});
}

}  // namespace pellucid::methods
