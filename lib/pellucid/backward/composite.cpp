#include "pellucid/backward/composite.hpp"

#include "pellucid/error.hpp"
#include "pellucid/nn/layers.hpp"

#include <algorithm>

namespace pellucid {

std::vector<const Rule*> Composite::assign(const Network& network) const {
    std::vector<const Rule*> assigned;
    bool weighted_seen = false;
    bool convolution_seen = false;
    for (const Node& node : network.nodes()) {
        const Kind kind = node.layer->kind();
        const bool convolution = kind == Kind::convolution;
        const bool weighted = convolution || kind == Kind::dense;
        const NodeInfo info{node, weighted && !weighted_seen, convolution && !convolution_seen, !weighted_seen};
        weighted_seen |= weighted;
        convolution_seen |= convolution;
        const Rule* rule = nullptr;
        if (const auto own = own_.find(&node); own != own_.end()) rule = own->second.get();
        for (std::size_t i = 0; rule == nullptr && i < entries_.size(); ++i) {
            if (entries_[i].matches(info)) rule = entries_[i].rule.get();
        }
        if (rule == nullptr) {
            fail(ErrorCode::unsupported, "the composite {} has no rule for the layer '{}' ({})", id_, node.name,
                 node.layer->op());
        }
        assigned.push_back(rule);
    }
    return assigned;
}

AssignedComposite::AssignedComposite(Composite of, const Network& network)
    : composite(std::move(of)), rules(composite.assign(network)) {}

namespace composites {

namespace {

using Matches = std::function<bool(const NodeInfo&)>;

Matches every() {
    return [](const NodeInfo&) { return true; };
}
Matches kind(Kind wanted) {
    return [wanted](const NodeInfo& info) { return info.node.layer->kind() == wanted; };
}
Matches relu() {
    return [](const NodeInfo& info) { return info.node.layer->op() == "Relu"; };
}
Matches weighted() {
    return [](const NodeInfo& info) {
        const Kind k = info.node.layer->kind();
        return k == Kind::convolution || k == Kind::dense;
    };
}
Matches first_weighted() {
    return [](const NodeInfo& info) { return info.first_weighted; };
}
Matches first_convolution() {
    return [](const NodeInfo& info) { return info.first_convolution; };
}

/// A constant map of the input, as a normalisation is: relevance of the normalised input is relevance of the input, as
/// it is where the normalisation stands outside of the network.
Matches input_map() {
    return [](const NodeInfo& info) {
        return info.node.inputs.front() == 0 && dynamic_cast<const Affine*>(info.node.layer.get()) != nullptr;
    };
}

/// A layer that resamples the image for the first layer with weights.
Matches resampled_image() {
    return [](const NodeInfo& info) { return info.before_weights && info.node.layer->kind() == Kind::resample; };
}

/// Whether the rule gives relevance to inputs that are 0.
bool regards_zeros(std::string_view rule) { return rule == "flat" || rule == "w_square"; }

/// `first` entries, then what every relevance composite does with layers that have no weights. A BatchNorm that could
/// not be merged is a linear layer, crossed by the ε rule.
Composite with_base(std::string id, std::vector<CompositeEntry> first, const rules::RuleOptions& o = {}) {
    const float norm_epsilon = o.stabiliser_epsilon;
    const std::vector<CompositeEntry> base{
        {kind(Kind::activation), rules::pass()},
        {kind(Kind::pass_through), rules::pass()},
        {input_map(), rules::pass()},
        {kind(Kind::batch_norm), rules::affine(o.epsilon, o.relative_epsilon)},
        {kind(Kind::softmax), rules::pass()},
        {kind(Kind::add), rules::norm(norm_epsilon)},
        {kind(Kind::average_pool), rules::norm(norm_epsilon)},
        {kind(Kind::resample), rules::norm(norm_epsilon)},
        {kind(Kind::concat), rules::gradient()},
        {kind(Kind::max_pool), rules::gradient()},
    };
    first.insert(first.end(), base.begin(), base.end());
    return {std::move(id), std::move(first)};
}

}  // namespace

Composite gradient() { return {"gradient", {{every(), rules::gradient()}}}; }

Composite guided_backprop() { return {"guided_backprop", {{relu(), rules::guided()}, {every(), rules::gradient()}}}; }

Composite deconvnet() { return {"deconvnet", {{relu(), rules::rectify()}, {every(), rules::gradient()}}}; }

const std::vector<std::string>& relevance_ids() {
    static const std::vector<std::string> ids{"epsilon",
                                              "epsilon_plus",
                                              "epsilon_plus_flat",
                                              "epsilon_gamma_box",
                                              "epsilon_alpha2_beta1",
                                              "epsilon_alpha2_beta1_flat",
                                              "gamma",
                                              "z_plus"};
    return ids;
}

Composite relevance(std::string_view id, const rules::RuleOptions& o) {
    const CompositeEntry dense_epsilon{kind(Kind::dense), rules::epsilon(o.epsilon, o.relative_epsilon)};
    const auto convolutions = [](RulePtr rule) { return CompositeEntry{kind(Kind::convolution), std::move(rule)}; };
    const CompositeEntry flat_first{first_weighted(), rules::flat(o.habit())};
    // What that layer gave to pixels without ink stays there: by shares of the values, none of it would arrive.
    const CompositeEntry flat_resampled{resampled_image(), rules::gradient()};
    const std::string name(id);
    if (id == "epsilon" || id == "gamma" || id == "z_plus") {
        return with_base(name, {{weighted(), rules::linear_rule(id, o)}}, o);
    }
    if (id == "epsilon_plus") return with_base(name, {convolutions(rules::z_plus(o.habit())), dense_epsilon}, o);
    if (id == "epsilon_plus_flat") {
        return with_base(name, {flat_first, flat_resampled, convolutions(rules::z_plus(o.habit())), dense_epsilon}, o);
    }
    if (id == "epsilon_gamma_box") {
        return with_base(
            name, {{first_convolution(), o.box()}, convolutions(rules::gamma(o.gamma, o.habit())), dense_epsilon}, o);
    }
    if (id == "epsilon_alpha2_beta1") {
        return with_base(name, {convolutions(rules::alpha_beta(2, 1, o.habit())), dense_epsilon}, o);
    }
    if (id == "epsilon_alpha2_beta1_flat") {
        return with_base(
            name, {flat_first, flat_resampled, convolutions(rules::alpha_beta(2, 1, o.habit())), dense_epsilon}, o);
    }
    fail(ErrorCode::bad_argument, "there is no composite '{}'; there are {}", id, comma_separated(relevance_ids()));
}

Composite single_rule(std::string_view rule, const rules::RuleOptions& o) {
    if (rule == "z_box") {
        return with_base("z_box",
                         {{first_weighted(), o.box()}, {weighted(), rules::epsilon(o.epsilon, o.relative_epsilon)}}, o);
    }
    std::vector<CompositeEntry> entries{{weighted(), rules::linear_rule(rule, o)}};
    if (regards_zeros(rule)) entries.push_back({kind(Kind::resample), rules::gradient()});
    return with_base(std::string(rule), std::move(entries), o);
}

Composite deep_taylor(const rules::RuleOptions& o) {
    std::vector<CompositeEntry> entries{{first_weighted(), o.box()}, {weighted(), rules::z_plus(o.habit())}};
    if (o.gradient_at_averages) {
        for (const Kind averaging : {Kind::average_pool, Kind::add})
            entries.push_back({kind(averaging), rules::gradient()});
    }
    return with_base("deep_taylor", std::move(entries), o);
}

Composite excitation_backprop(std::vector<std::string> contrasted) {
    const Matches is_contrasted = [names = std::move(contrasted)](const NodeInfo& info) {
        return std::find(names.begin(), names.end(), info.node.name) != names.end();
    };
    return with_base("excitation_backprop", {{is_contrasted, rules::contrast()},
                                             {weighted(), rules::excitation()},
                                             {kind(Kind::batch_norm), rules::pass()},  // one input wins all
                                             {kind(Kind::activation), rules::gradient()},
                                             {kind(Kind::softmax), rules::gradient()}});
}

Composite with_weights_of(const Network& other) {
    std::vector<CompositeEntry> entries;
    for (const Node& node : other.nodes()) {
        const auto* layer = dynamic_cast<const WeightedLayer*>(node.layer.get());
        if (layer == nullptr) continue;
        entries.push_back({[name = node.name](const NodeInfo& info) { return info.node.name == name; },
                           rules::other_weights(*layer)});
    }
    entries.push_back({every(), rules::gradient()});
    return {"with_weights_of", std::move(entries)};
}

}  // namespace composites

}  // namespace pellucid
