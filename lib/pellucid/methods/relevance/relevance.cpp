#include "pellucid/methods/relevance/relevance.hpp"

#include "pellucid/nn/layers.hpp"

#include <algorithm>

namespace pellucid::methods {

Result propagate(const Request& request, Composite composite, SeedMode mode) {
    const Network& network = request.explainer.merged(request.target).network();
    return propagate(request, AssignedComposite(std::move(composite), network), mode);
}

Result propagate(const Request& request, const AssignedComposite& composite, SeedMode mode) {
    Evaluator& evaluator = request.explainer.merged(request.target);
    const Network& network = evaluator.network();
    const Trace& trace = evaluator.trace(request.input);
    const Tensor seed = target_seed(request.target, network, trace, mode);
    Result result;
    result.add("map",
               Map{evaluator.carry(trace, composite, target_value(request.target, network), seed, 0, &result.ledger)});
    result.value = target_values(request.target, network, trace);
    return result;
}

Reference pattern_reference() {
    return {"Kindermans, Schütt, Alber, Müller, Erhan, Kim, Dähne",
            "Learning how to explain neural networks: PatternNet and PatternAttribution", 2017, "arXiv:1705.05598"};
}

void describe(Fields& f, StartParams& p) {
    bool one = p.start == SeedMode::one;
    // "seed" was this parameter's name before the seeds of random generators had it for themselves.
    f.choice("start", one, {"value", "one"}, "start from the target's value, or from 1").also_called("seed");
    p.start = one ? SeedMode::one : SeedMode::relevance;
}

void describe(Fields& f, HabitParams& p) {
    f.choice("bias", p.bias, {"split", "whole", "none"},
             "z_plus, alpha_beta: each sign's sum gets the bias where it has that sign, in any case, or never; "
             "w_square: its square only where it is split")
        .rarely();
    f.flag("split_inputs", p.split_inputs,
           "z_plus, alpha_beta, gamma: tell inputs below 0 apart; otherwise the weights' sign alone decides")
        .rarely();
    f.real("stabiliser", p.stabiliser, {0, 1e6},
           "what denominators are kept away from 0 by, but for the epsilon rule's")
        .rarely();
    bool zero_only = p.stabilise == Stabiliser::exact_zero;
    f.choice("stabilise", zero_only, {"signed", "zero_only"},
             "every denominator, or only one that is exactly 0 (the epsilon rule's: always)")
        .rarely();
    p.stabilise = zero_only ? Stabiliser::exact_zero : Stabiliser::absolute;
}

void describe(Fields& f, PixelBounds& p) {
    f.bound("low", p.low, FromRange::low, "z_box: least value of a pixel").rarely();
    f.bound("high", p.high, FromRange::high, "z_box: greatest value of a pixel").rarely();
}

void choose_bounds(const Request& request, const PixelBounds& p, rules::RuleOptions& options) {
    options.lows = p.low;
    options.highs = p.high;
    const Network& network = request.explainer.merged(request.target).network();
    const auto& nodes = network.nodes();
    const auto weighted = std::find_if(nodes.begin(), nodes.end(), [](const Node& node) {
        return node.layer->kind() == Kind::convolution || node.layer->kind() == Kind::dense;
    });
    if (weighted == nodes.end()) return;
    std::vector<const ChannelMap*> maps;
    for (ValueId value = weighted->inputs.front(); value > 0; value = nodes[value - 1].inputs.front()) {
        const Layer& layer = *nodes[value - 1].layer;
        const auto* map = dynamic_cast<const ChannelMap*>(&layer);
        if (map == nullptr && layer.kind() != Kind::pass_through) return;  // no pixels any more
        if (map != nullptr) maps.push_back(map);
    }
    std::reverse(maps.begin(), maps.end());
    for (const ChannelMap* map : maps) {
        const auto [factor, offset] = map->affine();
        const std::size_t size = std::max({options.lows.size(), options.highs.size(), factor.size()});
        std::vector<float> lows(size), highs(size);
        for (std::size_t c = 0; c < size; ++c) {
            const double f = factor[c % factor.size()], o = offset[c % offset.size()];
            const double a = f * static_cast<double>(options.lows[c % options.lows.size()]) + o;
            const double b = f * static_cast<double>(options.highs[c % options.highs.size()]) + o;
            lows[c] = static_cast<float>(std::min(a, b));
            highs[c] = static_cast<float>(std::max(a, b));
        }
        options.lows = std::move(lows);
        options.highs = std::move(highs);
    }
}

void choose_habit(const HabitParams& p, rules::RuleOptions& options) {
    options.stabiliser_epsilon = p.stabiliser;
    options.bias = p.bias;
    options.split_inputs = p.split_inputs;
    options.stabiliser = p.stabilise;
}

}  // namespace pellucid::methods
