/// grad_cam: a layer's feature maps, weighted by how much the target depends on each. Selvaraju et al. 2017.
///
///   α_k = mean over positions of ∂f_t/∂A_k;  map = ReLU(Σ_k α_k A_k), enlarged bilinearly (half-pixel centres) to the input.
/// A: the output of `layer` (h, w, K), before any Dense or Flatten; by default the last convolution that the target
/// depends on, or the activation right behind it.
/// Shapes: map (N, H, W, 1); images: "coarse", the map before it is enlarged (N, h, w, 1).
/// Cost: one forward pass, and a backward pass down to the layer.
#include "pellucid/methods/method.hpp"

#include "pellucid/error.hpp"
#include "pellucid/methods/inside/enlarge.hpp"

#include <algorithm>
#include <string_view>

namespace pellucid::methods {

namespace {

/// Whether a value is still of rows and columns, if only one: no Dense or Flatten lies before it.
bool has_places(const Network& network, ValueId value) {
    if (network.shape(value)[1] * network.shape(value)[2] > 1) return true;
    const std::vector<char> below = values_below(network, value);
    for (std::size_t i = 0; i < network.nodes().size(); ++i) {
        const Layer& layer = *network.nodes()[i].layer;
        if (below[i + 1] && (layer.kind() == Kind::dense || std::string_view(layer.op()) == "Flatten")) return false;
    }
    return true;
}

/// The last convolution that the target depends on, or the activation right behind it if the target depends on that,
/// too.
ValueId default_layer(const Network& network, const Target& target) {
    const std::vector<char> below = values_below(network, target_value(target, network));
    ValueId last = 0;
    for (std::size_t i = 0; i < network.nodes().size(); ++i) {
        const bool convolution = network.nodes()[i].layer->kind() == Kind::convolution;
        if (below[i + 1] && convolution && has_places(network, i + 1)) last = i + 1;
    }
    if (last == 0) {
        fail(ErrorCode::unsupported,
             "grad_cam needs a convolution, and there is none below the target '{}'",
             target.text());
    }
    for (std::size_t i = last; i < network.nodes().size(); ++i) {
        const Node& node = network.nodes()[i];
        if (below[i + 1] && node.layer->kind() == Kind::activation && node.inputs.front() == last) return i + 1;
    }
    return last;
}

struct GradCamParams {
    std::string layer;
    bool relu = true;
};

void describe(Fields& f, GradCamParams& p) {
    f.layer("layer", p.layer, "the layer whose maps are used; empty: the last convolution's activation");
    f.flag("relu", p.relu, "keep only what speaks for the target");
}

Result run_grad_cam(const Request& request, const GradCamParams& p) {
    Evaluator& evaluator = request.explainer.plain();
    const Network& network = evaluator.network();
    const ValueId layer = p.layer.empty() ? default_layer(network, request.target) : network.find(p.layer);
    const ValueId top = target_value(request.target, network);
    if (layer > top || !values_below(network, top)[layer]) {
        fail(ErrorCode::bad_argument,
             "grad_cam: the layer '{}' does not lie below the target '{}', which cannot depend on it",
             network.name(layer), request.target.text());
    }
    if (!has_places(network, layer)) {
        fail(ErrorCode::bad_argument,
             "grad_cam: the layer '{}' has no rows and columns, so that its map would say nothing of where; a "
             "convolution's or a pool's output is right, such as {}",
             network.name(layer), network.name(default_layer(network, request.target)));
    }
    const Signals& signals = evaluator.gradients(request.input, request.target);
    const Trace& trace = evaluator.trace(request.input);
    const Tensor& maps = trace.values[layer];
    const auto [samples, height, width, channels] = maps.shape();

    Tensor coarse = zeros({samples, height, width, 1});
    for (std::size_t n = 0; n < samples && signals.known[layer]; ++n) {
        const auto a = sample(maps, n);
        const auto g = sample(signals.values[layer], n);
        std::vector<double> alpha(channels, 0.0);
        for (std::size_t i = 0; i < g.size(); ++i) alpha[i % channels] += static_cast<double>(g[i]);
        auto out = sample(coarse, n);
        for (std::size_t at = 0; at < out.size(); ++at) {
            double sum = 0;
            for (std::size_t k = 0; k < channels; ++k) sum += alpha[k] * static_cast<double>(a[at * channels + k]);
            sum /= static_cast<double>(height * width);
            out[at] = static_cast<float>(p.relu ? std::max(sum, 0.0) : sum);
        }
    }
    Result result;
    result.add("map", Map{enlarge(coarse, request.input.shape()[1], request.input.shape()[2])});
    result.add("coarse", Map{std::move(coarse)});
    result.value = target_values(request.target, network, trace);
    return result;
}

}  // namespace

Method grad_cam() {
    return define<GradCamParams, run_grad_cam>(
        {.id = "grad_cam",
         .family = "inside",
         .title = "Grad-CAM",
         .question = "Where do the last feature maps see what speaks for the answer?",
         .formula =
             R"(\mathrm{ReLU}\Big(\sum_k \alpha_k A_k\Big),\quad \alpha_k = \frac1Z\sum_{ij}\frac{\partial f_t}{\partial A_{k,ij}})",
         .reference = {"Selvaraju, Cogswell, Das, Vedantam, Parikh, Batra",
                       "Grad-CAM: Visual Explanations from Deep Networks via Gradient-based Localization", 2017,
                       "ICCV"},
         .targets = any_target(),
         .outputs = {map_output(MapKind::signed_values),
                     map_output(MapKind::signed_values, "the map in the layer's own size", "coarse")},
         .caveat = "As coarse as the layer's maps (a few pixels across), then smoothed; one weight per map cannot say "
                   "that a feature matters in one place and not in another."});
}

}  // namespace pellucid::methods
