/// concept_relevance: the part of the relevance that one channel, or unit, of a layer hands down. Achtibat et al. 2023.
///
///   R at the layer by the composite; all of it but that of the channel (or unit) is set to 0; then on down by the
///     composite.
/// LRP is linear in what it hands down, so the maps of all channels of a layer sum to the plain map of lrp, up to what
/// goes past the layer on other branches: that belongs to none of its channels, and is left out.
/// Rules, composites, seed: as in lrp; BatchNorm is merged first, and the layer is one of the merged network.
/// Shapes: map as the input; "channels" (N, 1, 1, K): ΣR of every channel. `channel` −1: each input's own most
/// relevant.
/// Cost: as lrp, and one more forward and backward pass for each term of the rules below the layer.
#include "pellucid/error.hpp"
#include "pellucid/methods/inside/layer_choice.hpp"
#include "pellucid/methods/relevance/lrp_params.hpp"
#include "pellucid/ops.hpp"

#include <algorithm>

namespace pellucid::methods {

namespace {

struct ConceptParams {
    std::string layer;
    std::ptrdiff_t channel = -1, row = -1, column = -1;
    LrpParams lrp;
};

void describe(Fields& f, ConceptParams& p) {
    f.layer("layer", p.layer, "the layer of the concept; empty: the last convolution's activation");
    f.integer("channel", p.channel, {-1, 1000000}, "the channel whose relevance is kept; −1: the most relevant one");
    f.integer("row", p.row, {-1, 100000}, "of a single unit: its row; −1: all").rarely();
    f.integer("column", p.column, {-1, 100000}, "of a single unit: its column; −1: all").rarely();
    describe(f, p.lrp);
}

void check_concept(const ConceptParams& p, const Network& network, ValueId layer) {
    const Shape& shape = network.shape(layer);
    const auto within = [](std::ptrdiff_t place, std::size_t size) {
        return place < static_cast<std::ptrdiff_t>(size);
    };
    if (within(p.channel, shape[3]) && within(p.row, shape[1]) && within(p.column, shape[2])) return;
    fail(
        ErrorCode::bad_argument,
        "concept_relevance: channel {}, row {}, column {} lie outside the layer '{}', which has {} channels of {} rows "
        "and {} columns",
        p.channel, p.row, p.column, network.name(layer), shape[3], shape[1], shape[2]);
}

/// Sets all but the concept's relevance to 0.
void keep_concept(std::span<float> relevance, const Shape& shape, std::size_t channel, const ConceptParams& p) {
    for (std::size_t u = 0; u < relevance.size(); ++u) {
        const std::size_t place = u / shape[3];
        const bool kept = u % shape[3] == channel &&
                          (p.row < 0 || place / shape[2] == static_cast<std::size_t>(p.row)) &&
                          (p.column < 0 || place % shape[2] == static_cast<std::size_t>(p.column));
        if (!kept) relevance[u] = 0.0F;
    }
}

Result run_concept_relevance(const Request& request, const ConceptParams& p) {
    Evaluator& evaluator = request.explainer.merged(request.target);
    const Network& network = evaluator.network();
    const ValueId layer = layer_below("concept_relevance", network, request.target, p.layer);
    check_concept(p, network, layer);
    const Shape& shape = network.shape(layer);
    const Composite composite = chosen_composite(request, p.lrp, network);
    const Trace& trace = evaluator.trace(request.input);
    const Tensor seed = target_seed(request.target, network, trace, p.lrp.start.start);

    Result result;
    const Signals& signals =
        evaluator.backward(trace, composite, target_value(request.target, network), seed, layer, &result.ledger);
    Tensor relevance = signals.values[layer];
    const std::size_t samples = relevance.shape()[0];
    Scores channels = layer_scores(network, layer, false, samples);
    Scalar kept, chosen;
    for (std::size_t n = 0; n < samples; ++n) {
        const auto of_units = sample(relevance, n);
        std::vector<double> sums(shape[3], 0.0);
        ops::add_rows(sums, of_units);
        ops::mean_of(sums, 1, sample(channels.values, n));
        const auto strongest = static_cast<std::size_t>(std::max_element(sums.begin(), sums.end()) - sums.begin());
        const std::size_t channel = p.channel < 0 ? strongest : static_cast<std::size_t>(p.channel);
        keep_concept(of_units, shape, channel, p);
        kept.per_sample.push_back(ops::sum(of_units));
        chosen.per_sample.push_back(static_cast<double>(channel));
    }
    result.add("map", Map{evaluator.carry(trace, composite, layer, relevance, 0, &result.ledger)});
    result.add("channels", std::move(channels));
    result.add("channel", std::move(chosen));
    result.add("relevance", std::move(kept));
    result.value = target_values(request.target, network, trace);
    return result;
}

}  // namespace

Method concept_relevance() {
    return define<ConceptParams, run_concept_relevance>(
        {.id = "concept_relevance",
         .family = "inside",
         .title = "Concept relevance",
         .question = "Which strokes does one channel of a layer add to the answer?",
         .formula = R"(R_j(x\mid\theta) = \sum_k \frac{z_{jk}}{z_k}\,\delta_{k\in\theta}\,R_k(x\mid\theta))",
         .reference =
             {"Achtibat, Dreyer, Eisenbraun, Bosse, Wiegand, Samek, Lapuschkin",
              "From attribution maps to human-understandable explanations through Concept Relevance Propagation", 2023,
              "Nature Machine Intelligence 5"},
         .targets = any_target(),
         .outputs = {map_output(MapKind::signed_values),
                     scores_output("channels", "relevance",
                                   "how much of the score passes through each channel of the layer"),
                     scalar_output("channel", "", "the channel that is shown, counted from 0"),
                     scalar_output("relevance", "relevance", "how much of the score passes through what is shown")},
         .caveat =
             "It tells what a channel hands down here, not what the channel stands for; look at what else it reacts "
             "to. The division among channels is that of the chosen rules."});
}

}  // namespace pellucid::methods
