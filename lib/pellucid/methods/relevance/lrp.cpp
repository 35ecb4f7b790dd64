/// lrp: layer-wise relevance propagation; the target's value is handed down layer by layer. Bach et al. 2015.
///
/// Rules and composites: backward/rules.hpp, backward/composite.hpp (zennit's definitions). BatchNorm is merged first.
/// Seed: f_t(x) at the units that the target is made of, or 1. Result: map as the input, the ledger of every layer.
/// `compat` takes over another library's habits for what is not given: zennit starts from 1; captum has the epsilon rule
/// everywhere, with 1e-9, and in z_plus (its Alpha1_Beta0) and gamma neither splits inputs nor biases; innvestigate keeps
/// the whole bias in both parts of alpha-beta and z_plus (none in w_square), and has 1e-7, but for the epsilon rule only
/// where a denominator is 0. Not taken over: captum crosses a BatchNorm with epsilon instead of merging it.
/// Cost: one forward pass and, per layer, one forward and one backward pass per term of its rule.
#include "pellucid/methods/relevance/relevance.hpp"

#include "pellucid/error.hpp"

namespace pellucid::methods {

namespace {

rules::RuleOptions rule_options(const Request& request) {
    const Params& p = request.params;
    const float relative = p.number("relative_epsilon");
    rules::RuleOptions options{.epsilon = relative > 0 ? relative : p.number("epsilon"),
                               .relative_epsilon = relative > 0,
                               .gamma = p.number("gamma"),
                               .alpha = p.number("alpha"),
                               .beta = p.number("alpha") - 1.0F};
    choose_bounds(request, options);
    choose_habit(p, options);
    return options;
}

/// Puts the rules of "conv1=z_box,dense1=epsilon" before the composite's own.
void prefer_by_hand(Composite& composite, const std::string& text, const Network& network,
                    const rules::RuleOptions& options) {
    std::size_t at = 0;
    while (at < text.size()) {
        const std::size_t end = std::min(text.find(',', at), text.size());
        const std::string entry = text.substr(at, end - at);
        const std::size_t equals = entry.find('=');
        if (equals == std::string::npos) {
            fail(ErrorCode::bad_argument, "lrp: '{}' in rules is not LAYER=RULE, as in conv1=z_box,dense1=epsilon",
                 entry);
        }
        const std::string layer = entry.substr(0, equals);
        const ValueId value = network.find(layer);
        const Kind kind = value == 0 ? Kind::pass_through : network.nodes()[value - 1].layer->kind();
        if (kind != Kind::convolution && kind != Kind::dense) {
            fail(ErrorCode::bad_argument, "lrp: the layer '{}' has no weights, so no rule can be chosen for it", layer);
        }
        // By the node's own name: the text may name a BatchNorm that was merged into it.
        composite.prefer(
            {[name = std::string(network.name(value))](const NodeInfo& info) { return info.node.name == name; },
             rules::linear_rule(entry.substr(equals + 1), options)});
        at = end + 1;
    }
}

Composite chosen_composite(const Request& request, const Network& network) {
    const Params& p = request.params;
    const rules::RuleOptions options = rule_options(request);
    const std::string& rule = p.text("rule");
    Composite composite = rule == "by_composite" ? composites::relevance(p.text("composite"), options)
                                                 : composites::single_rule(rule, options);
    prefer_by_hand(composite, p.text("rules"), network, options);
    return composite;
}

Result run_lrp(const Request& request) {
    const Composite composite = chosen_composite(request, request.explainer.merged(request.target).network());
    return propagate(request, composite, chosen_seed(request.params));
}

std::vector<std::string> rule_choices() {
    std::vector<std::string> choices{"by_composite"};
    for (const std::string& id : rules::linear_rule_ids()) choices.push_back(id);
    return choices;
}

std::vector<Preset> lrp_presets() {
    using std::string;
    return {{"zennit", {{"seed", string("one")}}},
            {"captum",
             {{"composite", string("epsilon")},
              {"epsilon", 1e-9},
              {"stabiliser", 1e-9},
              {"bias", string("whole")},
              {"split_inputs", false}}},
            {"innvestigate",
             {{"epsilon", 1e-7}, {"stabiliser", 1e-7}, {"bias", string("whole")}, {"stabilise", string("zero_only")}}}};
}

}  // namespace

Method lrp() {
    Card card{
        .id = "lrp",
        .family = "relevance",
        .title = "Layer-wise relevance propagation",
        .question = "Which strokes is the answer's score made of?",
        .formula = R"(R_j = \sum_k \frac{a_j w_{jk}}{z_k + \varepsilon\,\mathrm{sign}(z_k)} R_k)",
        .reference =
            {"Bach, Binder, Montavon, Klauschen, Müller, Samek",
             "On Pixel-Wise Explanations for Non-Linear Classifier Decisions by Layer-Wise Relevance Propagation", 2015,
             "PLoS ONE 10(7)"},
        .targets = any_target(),
        .params = {choice_param("composite", "epsilon_plus", composites::relevance_ids(), "which rule for which layer"),
                   choice_param("rule", "by_composite", rule_choices(), "one rule for all layers with weights instead"),
                   advanced(text_param("rules", "", "rules of single layers, as in conv1=z_box,dense1=epsilon")),
                   real_param("epsilon", 1e-6, 0, 1e6, "the epsilon rule's: how much of what is weak is taken away"),
                   advanced(real_param(
                       "relative_epsilon", 0, 0, 1e6,
                       "epsilon rule: times the layer's mean |z|, instead of epsilon; 0.25 is usual, 0: not")),
                   real_param("gamma", 0.25, 0, 1e6, "gamma rule: how much positive weights are favoured"),
                   real_param("alpha", 2, 1, 1e6, "alpha-beta rule: weight of what speaks for; beta = alpha - 1"),
                   advanced(from_range(FromRange::low,
                                       real_param("low", 0, -1e6, 1e6, "z_box: least value of a pixel"))),
                   advanced(from_range(FromRange::high,
                                       real_param("high", 1, -1e6, 1e6, "z_box: greatest value of a pixel"))),
                   seed_param()},
        .result = ResultKind::signed_map,
        .caveat =
            "It divides up the score that was given; it does not tell what would happen if a stroke were "
            "different. Other rules divide it up differently.",
        .presets = lrp_presets()};
    for (ParamCard& param : habit_params()) card.params.push_back(std::move(param));
    card.params.push_back(compat_param(card.presets));
    return {std::move(card), [](const Request& request) { return single_run([request] { return run_lrp(request); }); }};
}

}  // namespace pellucid::methods
