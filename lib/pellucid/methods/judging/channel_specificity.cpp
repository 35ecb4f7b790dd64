/// channel_specificity: do the strongest, a random and the weakest active neuron of a layer give the same picture?
/// Mahendran & Vedaldi 2016.
///
/// Of the neurons of one layer that are above 0 for the input, three are explained one by one.
///   similarity = mean of cos(map_strongest, map_random) and cos(map_strongest, map_weakest)
/// 1: the same picture whatever is asked, so it shows the input rather than the neuron (deconvnet and guided backprop
/// come close). NaN, and maps of zeros, where fewer than three neurons are active.
/// Shapes: maps as the method's. Cost: three maps.
#include "pellucid/methods/judging/changed_network.hpp"
#include "pellucid/methods/judging/lens.hpp"
#include "pellucid/methods/judging/similarity.hpp"

#include "pellucid/error.hpp"
#include "pellucid/order.hpp"

#include <array>

namespace pellucid::methods {

namespace {

struct SpecificityParams {
    LensParams lens;
    std::string layer;
    std::uint32_t seed = 0;
};

void describe(Fields& f, SpecificityParams& p) {
    describe_lens(f, p.lens);
    f.layer("layer", p.layer, "the layer whose neurons are explained; empty: the last hidden one");
    f.random_seed("seed", p.seed, "seed of which neuron is the random one");
}

ValueId layer_of(const Network& network, const std::string& name) {
    if (!name.empty()) {
        const ValueId value = network.find(name);
        if (value == 0) {
            fail(ErrorCode::bad_argument,
                 "channel_specificity: the input's pixels are no neurons; a hidden layer is right");
        }
        return value;
    }
    const std::vector<std::size_t> nodes = trained_nodes(network);
    const ValueId value = nodes.empty() ? 0 : network.nodes()[nodes.front()].inputs.front();
    if (value == 0) {
        fail(ErrorCode::unsupported, "channel_specificity needs a hidden layer, and this network has none");
    }
    return value;
}

/// Places of the strongest, a random and the weakest of the neurons above 0; empty where there are not three.
std::vector<std::size_t> three_of(std::span<const float> activations, std::uint32_t seed) {
    std::vector<std::size_t> active;
    for (std::size_t i = 0; i < activations.size(); ++i) {
        if (activations[i] > 0.0F) active.push_back(i);
    }
    if (active.size() < 3) return {};
    sort_places(active, [&](std::size_t a, std::size_t b) { return activations[a] > activations[b]; });
    Random random = stream(seed, Purpose::subset);
    return {active.front(), active[1 + random.below(active.size() - 2)], active.back()};
}

Result run_specificity(const Request& request, const SpecificityParams& p) {
    const Lens lens("channel_specificity", p.lens);
    const auto& kinds = lens.card().targets;
    if (std::find(kinds.begin(), kinds.end(), TargetKind::neuron) == kinds.end()) {
        fail(ErrorCode::unsupported, "channel_specificity explains single neurons, and {} does not answer for them",
             lens.card().id);
    }
    Evaluator& evaluator = request.explainer.plain();
    const Network& network = evaluator.network();
    const SettledTargets settled = settle_targets(request, evaluator);
    const ValueId value = layer_of(network, p.layer);
    // A copy: the lens asks the same evaluator.
    const Tensor activations = evaluator.trace(request.input).values[value];
    const auto [samples, height, width, channels] = activations.shape();
    std::array<Tensor, 3> maps;
    maps.fill(zeros(with_batch(request.input.shape(), samples)));
    Scalar similarity;
    for (std::size_t n = 0; n < samples; ++n) {
        const std::vector<std::size_t> places = three_of(sample(activations, n), p.seed);
        for (std::size_t i = 0; i < places.size(); ++i) {
            Target target{
                .kind = TargetKind::neuron, .index = places[i] % channels, .layer = std::string(network.name(value))};
            target.x = places[i] / channels % width;
            target.y = places[i] / channels / width;
            const Tensor map = lens.ask(request.explainer, batch_slice(request.input, n, 1), target);
            if (map.shape()[3] != maps[i].shape()[3]) maps[i] = zeros({samples, map.shape()[1], map.shape()[2], 1});
            std::ranges::copy(elements(map), sample(maps[i], n).begin());
        }
        const auto of = [&](std::size_t i) { return sample(std::as_const(maps[i]), n); };
        similarity.per_sample.push_back((cosine(of(0), of(1)) + cosine(of(0), of(2))) / 2);
    }
    Result result;
    result.value = settled.values;
    result.add("similarity", std::move(similarity));
    result.add("strongest", Map{std::move(maps[0])});
    result.add("random", Map{std::move(maps[1])});
    result.add("weakest", Map{std::move(maps[2])});
    return result;
}

}  // namespace

Method channel_specificity() {
    return define<SpecificityParams, run_specificity>(
        {.id = "channel_specificity",
         .family = "judging",
         .title = "One picture for all?",
         .question =
             "Do different neurons give different pictures, or does the method show the drawing whatever is asked?",
         .formula = R"(\tfrac12\big(\cos(R_{\max},R_{\mathrm{random}})+\cos(R_{\max},R_{\min})\big))",
         .reference = {"Mahendran, Vedaldi", "Salient Deconvolutional Networks", 2016, "ECCV"},
         .targets = any_target(),
         .outputs = {judging_output("similarity", "similarity", Better::less,
                                    "how alike the pictures of the three neurons are: 1 the same"),
                     map_output(MapKind::signed_values, "the strongest neuron's picture", "strongest"),
                     map_output(MapKind::signed_values, "a random active neuron's picture", "random"),
                     map_output(MapKind::signed_values, "the weakest active neuron's picture", "weakest")},
         .caveat =
             "Neurons of convolutions see different places, which alone makes their pictures different: layers that "
             "see all of the drawing tell more.",
         .subject = SubjectKind::attribution,
         .pace = Pace::rest});
}

}  // namespace pellucid::methods
