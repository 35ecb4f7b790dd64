/// activations: what a layer puts out for this input, a picture of each channel.
///
///   A_k = channel k of the layer's output; no other computation.
/// Shapes: "channels": a picture (N, h, w, 1) for every channel, numbered as the channels are; of a layer without rows
/// and columns one picture of all units, row by row. "activity" (N, 1, 1, K): each channel's mean over its positions,
/// the unit itself in a vector. "active": the share of the layer's units that are above 0. Cost: one forward pass.
#include "pellucid/methods/inside/layer_choice.hpp"
#include "pellucid/methods/inside/montage.hpp"
#include "pellucid/ops.hpp"

#include <algorithm>

namespace pellucid::methods {

namespace {

struct ActivationsParams {
    std::string layer;
};

void describe(Fields& f, ActivationsParams& p) {
    f.layer("layer", p.layer, "the layer that is shown; empty: the last convolution's activation");
}

/// Any layer, the last feature maps below the logits by default, else the first layer.
ValueId shown_layer(const Network& network, const std::string& name) {
    if (!name.empty()) return network.find(name);
    const ValueId maps = last_feature_maps(network, Target{});
    return maps != 0 ? maps : std::min<ValueId>(1, network.output());
}

Result run_activations(const Request& request, const ActivationsParams& p) {
    Evaluator& evaluator = request.explainer.plain();
    const Network& network = evaluator.network();
    const Trace& trace = evaluator.trace(request.input);
    const ValueId layer = shown_layer(network, p.layer);
    const Tensor& value = trace.values[layer];
    const auto [samples, height, width, channels] = value.shape();

    Scores activity = layer_scores(network, layer, false, samples);
    Scalar active;
    for (std::size_t n = 0; n < samples; ++n) {
        const auto units = sample(value, n);
        std::vector<double> sums(channels, 0.0);
        ops::add_rows(sums, units);
        ops::mean_of(sums, static_cast<double>(height * width), sample(activity.values, n));
        const auto above = std::ranges::count_if(units, [](float a) { return a > 0.0F; });
        active.per_sample.push_back(static_cast<double>(above) / static_cast<double>(units.size()));
    }
    Result result;
    result.value = target_values(request.target, network, trace);
    Frames pictures = channel_pictures(value);
    if (height * width > 1) pictures.layer = activity.layer;
    result.add("channels", std::move(pictures));
    result.add("activity", std::move(activity));
    result.add("active", std::move(active));
    return result;
}

}  // namespace

Method activations() {
    return define<ActivationsParams, run_activations>(
        {.id = "activations",
         .family = "inside",
         .title = "Activations",
         .question = "What does each channel of a layer see in this drawing?",
         .formula = R"(A_k = f_k(x))",
         .reference = {"Yosinski, Clune, Nguyen, Fuchs, Lipson",
                       "Understanding Neural Networks Through Deep Visualization", 2015, "ICML Deep Learning Workshop"},
         .targets = any_target(),
         .outputs = {frames_output("channels", MapKind::signed_values,
                                   "a picture of each channel; of a layer without rows and columns one of all units"),
                     scores_output("activity", "activity", "each channel's mean over its positions"),
                     scalar_output("active", "share", "the layer's units that are above 0")},
         .caveat = "It shows what a channel reacts to here, not whether the answer depends on it."});
}

}  // namespace pellucid::methods
