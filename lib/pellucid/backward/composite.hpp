/// A composite: which layer is crossed by which rule. An ordered list, first match wins, no match is an error.
/// Rules of single nodes are found by the node, so that networks may be thousands of layers deep.
#pragma once

#include "pellucid/backward/rules.hpp"
#include "pellucid/nn/network.hpp"

#include <functional>
#include <map>
#include <string>
#include <vector>

namespace pellucid {

/// What a composite may ask of a node.
struct NodeInfo {
    const Node& node;
    bool first_weighted;     ///< first layer with weights in the order of evaluation
    bool first_convolution;  ///< first convolution likewise
    bool before_weights;     ///< no layer with weights is evaluated before it
};

struct CompositeEntry {
    std::function<bool(const NodeInfo&)> matches;
    RulePtr rule;
};

class Composite {
public:
    /// `own`: rules of single nodes, which go before all entries.
    Composite(std::string id, std::vector<CompositeEntry> entries, std::map<const Node*, RulePtr> own = {})
        : id_(std::move(id)), entries_(std::move(entries)), own_(std::move(own)) {}

    const std::string& id() const { return id_; }

    /// Puts an entry before all others.
    void prefer(CompositeEntry entry) { entries_.insert(entries_.begin(), std::move(entry)); }

    /// The rule of every node. Throws Error(unsupported) that names a layer with no match.
    std::vector<const Rule*> assign(const Network& network) const;

private:
    std::string id_;
    std::vector<CompositeEntry> entries_;
    std::map<const Node*, RulePtr> own_;
};

/// A composite, and the rules that it gives the nodes of one network. They live as long as this or a copy of it.
struct AssignedComposite {
    AssignedComposite(Composite of, const Network& network);
    Composite composite;
    std::vector<const Rule*> rules;
};

namespace composites {

/// Plain gradient everywhere.
Composite gradient();
/// Guided backprop: `guided` at ReLUs, gradient elsewhere, at other activations too.
Composite guided_backprop();
/// Deconvnet: `rectify` at ReLUs, gradient (recorded switches) elsewhere.
Composite deconvnet();

/// Relevance composites, as zennit defines them: "epsilon", "epsilon_plus", "epsilon_plus_flat", "epsilon_gamma_box",
/// "epsilon_alpha2_beta1", "epsilon_alpha2_beta1_flat", "gamma", "z_plus".
const std::vector<std::string>& relevance_ids();
/// A Resize is crossed by the shares that its inputs have in the value, but where the layer behind it is crossed by
/// `flat` or `w_square`, which give relevance to inputs of 0 as well: there by its coefficients, so that none is lost.
/// Throws Error(bad_argument) that lists the ids there are.
Composite relevance(std::string_view id, const rules::RuleOptions& options = {});
/// One rule for all layers with weights; `z_box` on the first alone, `epsilon` on the rest.
Composite single_rule(std::string_view rule, const rules::RuleOptions& options = {});
/// `z_box` on the first layer with weights, `z_plus` on all others (Montavon et al. 2017).
Composite deep_taylor(const rules::RuleOptions& options = {});
/// `excitation` on layers with weights, gradient at activations, shares at sums and averages (Zhang et al. 2016).
/// The layers named in `contrasted` hand down the difference to their dual units' (`contrast`).
Composite excitation_backprop(std::vector<std::string> contrasted = {});
/// The gradient with the weights of `other` (a network of the same layers) in place of a layer's own: patterns.
/// `other` must outlive the composite.
Composite with_weights_of(const Network& other);

}  // namespace composites

}  // namespace pellucid
