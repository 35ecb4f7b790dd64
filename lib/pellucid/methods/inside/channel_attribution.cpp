/// channel_attribution: what each channel, or unit, of a layer has to do with the target. Shrikumar et al. 2016;
/// Dhamdhere, Sundararajan, Yan 2018; Leino et al. 2018.
///
/// a: the layer's output, g = ∂f_t/∂a. Per unit, summed over the positions of a channel unless `by` is unit:
///   gradient               g at x
///   activation_x_gradient  a ⊙ g at x
///   conductance            Σ_i g(x_i) ⊙ (a(x_{i+1}) − a(x_i)),  x_i = x' + α_i·(x − x'),  α: `points` + 1 nodes of the
///     quadrature
///   internal_influence     ∫ g(x' + α(x − x')) dα, by `points` nodes
/// As in captum (LayerGradientXActivation, LayerConductance, InternalInfluence). A conductance's sum tends to
/// f_t(x) − f_t(x') where all of the target's dependence passes through the layer; Gauss–Legendre nodes leave out the
/// ends of the path, "completeness_gap" says what is missing as a share.
/// Shapes: scores (N, 1, 1, K) or (N, 1, 1, h·w·K). Cost: one forward and backward pass; along a path `points` of each.
#include "pellucid/backward/input_gradient.hpp"
#include "pellucid/methods/attribution/baseline.hpp"
#include "pellucid/methods/attribution/quadrature.hpp"
#include "pellucid/methods/attribution/sampling.hpp"
#include "pellucid/methods/inside/layer_choice.hpp"

#include <algorithm>

namespace pellucid::methods {

namespace {

enum class ChannelMeasure : std::uint8_t { gradient, activation_x_gradient, conductance, internal_influence };

struct ChannelAttributionParams {
    std::string layer;
    ChannelMeasure measure = ChannelMeasure::activation_x_gradient;
    bool by_unit = false;
    std::size_t points = 50;
    std::string quadrature = "gauss_legendre";
    BaselineParams baseline;
};

void describe(Fields& f, ChannelAttributionParams& p) {
    f.layer("layer", p.layer, "the layer whose channels are asked about; empty: the last convolution's activation");
    f.choice("measure", p.measure, {"gradient", "activation_x_gradient", "conductance", "internal_influence"},
             "the derivative, times the activity, or followed along a path from the baseline");
    f.choice("by", p.by_unit, {"channel", "unit"}, "summed over the positions of a channel, or each unit for itself");
    f.integer("points", p.points, {1, 10000}, "points on the path")
        .at_most_while_drawing(5)
        .when("measure", {"conductance", "internal_influence"});
    f.choice("quadrature", p.quadrature, quadrature_ids(), "how the points are placed and weighted")
        .rarely()
        .when("measure", {"conductance", "internal_influence"});
    describe(f, p.baseline);
}

/// What a layer does along paths, a few points at a time, with its gradients; nothing below the layer is taken back.
class ChannelPath {
public:
    ChannelPath(const Network& network, ValueId layer) : network_(network), layer_(layer), pass_(network, layer) {}

    /// Calls body(i, a, g) at every point in turn.
    template <typename Body>
    void follow(const Tensor& from, const Tensor& to, const Target& target, const std::vector<double>& alphas,
                Body body) {
        constexpr std::size_t most_at_a_time = 20;
        const std::size_t batches = (alphas.size() + most_at_a_time - 1) / most_at_a_time;
        // All batches of one size, so that their memory is used again: the last one repeats the last point.
        const std::size_t size = (alphas.size() + batches - 1) / batches;
        const ValueId top = target_value(target, network_);
        std::vector<float> some(size);
        for (std::size_t first = 0; first < alphas.size(); first += size) {
            for (std::size_t i = 0; i < size; ++i) {
                some[i] = static_cast<float>(alphas[std::min(first + i, alphas.size() - 1)]);
            }
            // Of a line's points only what the first layer makes of them is computed, never the points themselves.
            const Trace& trace =
                layer_ == 0 ? pass_.forward(points(from, to, some), top) : pass_.forward({from, to, some}, top);
            target_seed(target, network_, trace, SeedMode::gradient, seed_);
            const Tensor& gradients = pass_.signal(seed_);
            for (std::size_t i = 0; i < size && first + i < alphas.size(); ++i) {
                body(first + i, sample(trace.values[layer_], i).data(), sample(gradients, i).data());
            }
        }
    }

private:
    static Tensor points(const Tensor& from, const Tensor& to, std::span<const float> alphas) {
        Tensor points(with_batch(to.shape(), alphas.size()));
        for (std::size_t i = 0; i < alphas.size(); ++i) {
            const auto point = sample(points, i);
            for (std::size_t j = 0; j < point.size(); ++j)
                point[j] = from.data()[j] + alphas[i] * (to.data()[j] - from.data()[j]);
        }
        return points;
    }

    const Network& network_;
    ValueId layer_;
    InputGradient pass_;
    Tensor seed_;
};

std::vector<double> conductance(ChannelPath& path, const Tensor& from, const Tensor& to, const Target& target,
                                const ChannelAttributionParams& p, std::size_t units) {
    std::vector<double> sum(units, 0.0);
    std::vector<float> last_a(units), last_g(units);
    const Quadrature nodes = quadrature(p.quadrature, p.points + 1);
    path.follow(from, to, target, nodes.points, [&](std::size_t i, const float* a, const float* g) {
        for (std::size_t u = 0; i > 0 && u < units; ++u) {
            sum[u] += static_cast<double>(last_g[u]) * (static_cast<double>(a[u]) - static_cast<double>(last_a[u]));
        }
        std::copy_n(a, units, last_a.data());
        std::copy_n(g, units, last_g.data());
    });
    return sum;
}

std::vector<double> internal_influence(ChannelPath& path, const Tensor& from, const Tensor& to, const Target& target,
                                       const ChannelAttributionParams& p, std::size_t units) {
    std::vector<double> sum(units, 0.0);
    const Quadrature nodes = quadrature(p.quadrature, p.points);
    path.follow(from, to, target, nodes.points, [&](std::size_t i, const float*, const float* g) {
        const double weight = nodes.weights[i];
        for (std::size_t u = 0; u < units; ++u) sum[u] += weight * static_cast<double>(g[u]);
    });
    return sum;
}

/// At the input itself.
std::vector<double> at_input(ChannelMeasure measure, std::span<const float> a, std::span<const float> g) {
    std::vector<double> sum(g.begin(), g.end());
    for (std::size_t u = 0; measure == ChannelMeasure::activation_x_gradient && u < sum.size(); ++u) {
        sum[u] *= static_cast<double>(a[u]);
    }
    return sum;
}

Result run_channel_attribution(const Request& request, const ChannelAttributionParams& p) {
    Evaluator& evaluator = request.explainer.plain();
    const Network& network = evaluator.network();
    const ValueId layer = layer_below("channel_attribution", network, request.target, p.layer);
    const std::size_t samples = request.input.shape()[0], units = sample_size(network.shape(layer));
    const SettledTargets settled = settle_targets(request, evaluator);
    const bool on_path = p.measure == ChannelMeasure::conductance || p.measure == ChannelMeasure::internal_influence;
    const Tensor start = baseline(request, p.baseline);

    Scores scores = layer_scores(network, layer, p.by_unit, samples);
    Completeness completeness;
    ChannelPath path(network, layer);
    for (std::size_t n = 0; n < samples; ++n) {
        std::vector<double> of_units;
        if (on_path) {
            const Target& target = settled.targets[n];
            const Tensor from = batch_slice(start, n, 1), to = batch_slice(request.input, n, 1);
            if (p.measure == ChannelMeasure::conductance) {
                of_units = conductance(path, from, to, target, p, units);
                double sum = 0;
                for (const double v : of_units) sum += v;
                completeness.add(sum, settled.values[n], evaluator.values(from, target)[0]);
            } else {
                of_units = internal_influence(path, from, to, target, p, units);
            }
        } else {
            const Signals& signals = evaluator.gradients(request.input, request.target);
            of_units = at_input(p.measure, sample(evaluator.trace(request.input).values[layer], n),
                                sample(signals.values[layer], n));
        }
        std::vector<double> of_groups(scores.groups.size(), 0.0);
        for (std::size_t u = 0; u < units; ++u) of_groups[u % of_groups.size()] += of_units[u];
        ops::mean_of(of_groups, 1, sample(scores.values, n));
    }
    Result result;
    result.value = settled.values;
    result.add("scores", std::move(scores));
    if (p.measure == ChannelMeasure::conductance) completeness.add_to(result);
    return result;
}

}  // namespace

Method channel_attribution() {
    return define<ChannelAttributionParams, run_channel_attribution>(
        {.id = "channel_attribution",
         .family = "inside",
         .title = "Channel attribution",
         .question = "Which channels of a layer does the answer hang on?",
         .formula =
             R"(a_k\odot\frac{\partial f_t}{\partial a_k},\quad \int_0^1 \frac{\partial f_t}{\partial a_k}\,\frac{d )"
             R"(a_k}{d\alpha}\,d\alpha)",
         .reference = {"Dhamdhere, Sundararajan, Yan", "How Important is a Neuron?", 2018, "arXiv:1805.12233"},
         .targets = any_target(),
         .outputs = {scores_output("scores", "score",
                                   "what each channel, or unit (channel, row, column), has to do with the target"),
                     optional_output(scalar_output(
                         "completeness_gap", "share",
                         "conductance: what the channels miss of the difference from the baseline's score")),
                     optional_output(
                         scalar_output("baseline_value", "score", "conductance: the target's value at the baseline"))},
         .caveat =
             "A channel that matters is a fact about this drawing, not a meaning of the channel; what the channels "
             "do together is divided among them by the derivative."});
}

}  // namespace pellucid::methods
