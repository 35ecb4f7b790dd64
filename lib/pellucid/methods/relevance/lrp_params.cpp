#include "pellucid/methods/relevance/lrp_params.hpp"

#include "pellucid/error.hpp"

namespace pellucid::methods {

namespace {

const std::vector<std::string>& rule_choices() {
    static const std::vector<std::string> choices = [] {
        std::vector<std::string> list{"by_composite"};
        for (const std::string& id : rules::linear_rule_ids()) list.push_back(id);
        return list;
    }();
    return choices;
}

rules::RuleOptions rule_options(const Request& request, const LrpParams& p) {
    rules::RuleOptions options{.epsilon = p.relative_epsilon > 0 ? p.relative_epsilon : p.epsilon,
                               .relative_epsilon = p.relative_epsilon > 0,
                               .gamma = p.gamma,
                               .alpha = p.alpha,
                               .beta = p.alpha - 1.0F};
    choose_bounds(request, p.bounds, options);
    choose_habit(p.habit, options);
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

}  // namespace

/// Presets, and where each of the rules' parameters counts.
void describe(Fields& f, LrpParams& p) {
    f.choice("composite", p.composite, composites::relevance_ids(), "which rule for which layer")
        .when("rule", {"by_composite"});
    f.choice("rule", p.rule, rule_choices(), "one rule for all layers with weights instead");
    f.text("rules", p.rules, "rules of single layers, as in conv1=z_box,dense1=epsilon").as(ParamRole::rules).rarely();
    f.real("epsilon", p.epsilon, {0, 1e6}, "the epsilon rule's: how much of what is weak is taken away")
        .when("composite", {"epsilon", "epsilon_plus", "epsilon_plus_flat", "epsilon_gamma_box", "epsilon_alpha2_beta1",
                            "epsilon_alpha2_beta1_flat"})
        .when("rule", {"epsilon"});
    f.real("relative_epsilon", p.relative_epsilon, {0, 1e6},
           "epsilon rule: times the layer's mean |z|, instead of epsilon; 0.25 is usual, 0: not")
        .rarely();
    f.real("gamma", p.gamma, {0, 1e6}, "gamma rule: how much positive weights are favoured")
        .when("composite", {"gamma", "epsilon_gamma_box"})
        .when("rule", {"gamma"});
    f.real("alpha", p.alpha, {1, 1e6}, "alpha-beta rule: weight of what speaks for; beta = alpha - 1")
        .when("rule", {"alpha_beta"});
    describe(f, p.bounds);
    describe(f, p.start);
    describe(f, p.habit);
    f.compat([] {
        using std::string;
        return std::vector<Preset>{
            {"zennit", {{"start", string("one")}}},
            {"captum",
             {{"composite", string("epsilon")},
              {"epsilon", 1e-9},
              {"stabiliser", 1e-9},
              {"bias", string("whole")},
              {"split_inputs", false}}},
            {"innvestigate",
             {{"epsilon", 1e-7}, {"stabiliser", 1e-7}, {"bias", string("whole")}, {"stabilise", string("zero_only")}}}};
    });
}

Composite chosen_composite(const Request& request, const LrpParams& p, const Network& network) {
    const rules::RuleOptions options = rule_options(request, p);
    Composite composite = p.rule == "by_composite" ? composites::relevance(p.composite, options)
                                                   : composites::single_rule(p.rule, options);
    prefer_by_hand(composite, p.rules, network, options);
    return composite;
}

}  // namespace pellucid::methods
