/// excitation_backprop: how likely each pixel is a winner of a top-down competition. Zhang et al. 2016.
///
///   P(a_j) = Σ_k P(a_j | z_k)·P(z_k),  P(a_j | z_k) = a_j w⁺_jk / Σ_i a_i w⁺_ik: excitatory weights only, no bias.
/// Sums and averages share by contribution, max-pools give to the winner, activations pass their gradient. Seed: 1 at
/// the target (−1 at a contrast's second class), so a map of non-negative inputs sums to 1 where no unit is without
/// excitation.
/// `contrastive`: P⁺ − P⁻, where P⁻ starts at the dual unit: the layers with weights right under the target negated.
/// Each of their units hands down both probabilities with opposite signs; the rest of the way is linear, so one pass
/// carries the difference. It sums to 0 where unit and dual can be excited: what was handed down twice stands under
/// "stabiliser".
/// `truncate`: max(map, 0), as TorchRay shows the contrastive map.
/// Shapes: map as the input; the ledger of every layer. Cost: one forward pass and two to four passes per layer with
/// weights, contrastive four to eight at the layers under the target. Deviates from TorchRay: inputs below zero excite
/// through negative weights (zennit); a target of several units is the sum of their maps, each unit's two parts
/// normalised by themselves.
#include "pellucid/methods/relevance/relevance.hpp"

#include "pellucid/error.hpp"
#include "pellucid/simd/kernels.hpp"

namespace pellucid::methods {

namespace {

bool has_weights(const Layer& layer) { return layer.kind() == Kind::convolution || layer.kind() == Kind::dense; }

/// The nodes with weights between which and the target there are none.
std::vector<std::size_t> top_layers(const Network& network, ValueId target) {
    std::vector<char> above(network.nodes().size() + 1, 0);
    above[target] = 1;
    std::vector<std::size_t> found;
    for (ValueId value = target; value > 0; --value) {
        if (above[value] == 0) continue;
        const Node& node = network.nodes()[value - 1];
        if (has_weights(*node.layer)) {
            found.push_back(value - 1);
        } else {
            for (const ValueId input : node.inputs) above[input] = 1;
        }
    }
    return found;
}

Composite contrast(const Request& request) {
    const Network& network = request.explainer.merged(request.target).network();
    const std::vector<std::size_t> top = top_layers(network, target_value(request.target, network));
    if (top.empty()) {
        fail(ErrorCode::unsupported,
             "contrastive excitation backprop negates the weights under the target '{}', and there are none",
             request.target.text());
    }
    std::vector<std::string> names;
    for (const std::size_t node : top) names.push_back(network.nodes()[node].name);
    return composites::excitation_backprop(names);
}

struct ExcitationParams {
    bool contrastive = false, truncate = false;
};

void describe(Fields& f, ExcitationParams& p) {
    f.flag("contrastive", p.contrastive,
           "minus the map of the opposite: what excites this class and not all the others");
    f.flag("truncate", p.truncate, "show only what is above 0");
}

Result run_excitation_backprop(const Request& request, const ExcitationParams& p) {
    Result result =
        propagate(request, p.contrastive ? contrast(request) : composites::excitation_backprop(), SeedMode::one);
    if (p.truncate) {
        Tensor& map = std::get<Map>(result.items.front().second).data;
        simd::kernels().positive(map.size(), map.data(), map.data());
    }
    return result;
}

}  // namespace

Method excitation_backprop() {
    return define<ExcitationParams, run_excitation_backprop>(
        {.id = "excitation_backprop",
         .family = "relevance",
         .title = "Excitation backprop",
         .question = "Which pixels win when attention flows down from the answer along what excites it?",
         .formula = R"(P(a_j) = \sum_k \frac{a_j w_{jk}^+}{\sum_i a_i w_{ik}^+} P(a_k))",
         .reference = {"Zhang, Lin, Brandt, Shen, Sclaroff", "Top-down Neural Attention by Excitation Backprop", 2016,
                       "ECCV"},
         .targets = any_target(),
         .outputs = {map_output(MapKind::signed_values)},
         .caveat = "Without contrast, maps of different classes look much alike, because what excites one class "
                   "mostly excites all. Biases and inhibition are left out."});
}

}  // namespace pellucid::methods
