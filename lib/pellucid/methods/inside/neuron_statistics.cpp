/// neuron_statistics: what a channel does over the training images, beside what it does for this input: how strongly,
/// how often, for which classes, and how well it tells each of them apart. Morcos, Barrett, Rabinowitz, Botvinick 2018.
///
/// The channel is the target's (of a unit that has places, its channel; of a class, its score). Its activity for an
/// image is that of its strongest unit. The statistics are counted once (`pellucid statistics`,
/// methods/inside/statistics.hpp) and travel beside the model; those of another network are refused.
/// Shapes: "auc" (N, 1, 1, classes): P(an image of the class drives it more than another image), 1/2 where it cannot
/// tell. "histogram" (N, classes, bins, 1): share of the class's images in each bin from "low" to "high". "place":
/// share of the images that drive it less than this input, from the histogram. Cost: one forward pass.
#include "pellucid/error.hpp"
#include "pellucid/methods/attribution/sampling.hpp"
#include "pellucid/methods/inside/layer_choice.hpp"
#include "pellucid/methods/inside/statistics.hpp"
#include "pellucid/methods/inside/statistics_estimator.hpp"

#include <algorithm>

namespace pellucid::methods {

namespace {

const ChannelStatistics& statistics_of(const NetworkStatistics& all, const Network& network, const Target& target) {
    const ValueId value = target_value(target, network);
    const LayerStatistics* layer = all.find(network.name(value));
    if (layer == nullptr || target.index >= layer->channels.size()) {
        std::vector<std::string> names;
        for (const LayerStatistics& one : all.layers) names.push_back(one.layer);
        fail(
            ErrorCode::unsupported,
            "neuron_statistics needs a layer that was counted, and '{}' is none (its units are those of the layer that "
            "it reads); there are {}",
            network.name(value), comma_separated(names));
    }
    return layer->channels[target.index];
}

/// Share of the images in bins below `activity`, its own bin by the place within it.
double share_below(const NetworkStatistics& all, const ChannelStatistics& channel, double activity) {
    const double width = static_cast<double>(channel.high) - static_cast<double>(channel.low);
    const double place = width > 0 ? (activity - static_cast<double>(channel.low)) / width * all.bins
                                   : (activity > static_cast<double>(channel.low) ? all.bins : 0.0);
    double below = 0, count = 0;
    for (std::size_t i = 0; i < channel.counts.size(); ++i) {
        const double in_bin = channel.counts[i];
        below += in_bin * std::clamp(place - static_cast<double>(i % all.bins), 0.0, 1.0);
        count += in_bin;
    }
    return count > 0 ? below / count : 0.0;
}

std::vector<std::string> class_names(std::size_t classes) { return channel_names(classes); }

Result run_neuron_statistics(const Request& request, const NoParams&) {
    Evaluator& evaluator = request.explainer.plain();
    const Network& network = evaluator.network();
    const NetworkStatistics& all = request.with->statistics().as<NetworkStatistics>(parse_statistics);
    check_statistics(all, network);
    const SettledTargets settled = settle_targets(request, evaluator);
    const std::size_t samples = request.input.shape()[0];
    Scores auc{class_names(all.classes), Tensor(Shape{samples, 1, 1, all.classes})};
    Tensor histogram(Shape{samples, all.classes, all.bins, 1});
    Scalar best, low, high, mean, sparsity, silent, here, place;
    for (std::size_t n = 0; n < samples; ++n) {
        const Target& target = settled.targets[n];
        const ChannelStatistics& channel = statistics_of(all, network, target);
        std::copy(channel.auc.begin(), channel.auc.end(), sample(auc.values, n).begin());
        for (std::size_t i = 0; i < channel.counts.size(); ++i) {
            const std::uint32_t of_class = std::max<std::uint32_t>(1, all.class_images[i / all.bins]);
            sample(histogram, n)[i] = static_cast<float>(channel.counts[i]) / static_cast<float>(of_class);
        }
        best.per_sample.push_back(
            static_cast<double>(std::max_element(channel.auc.begin(), channel.auc.end()) - channel.auc.begin()));
        low.per_sample.push_back(channel.low);
        high.per_sample.push_back(channel.high);
        mean.per_sample.push_back(channel.mean);
        sparsity.per_sample.push_back(channel.sparsity);
        silent.per_sample.push_back(channel.silent);
        const Tensor& value = evaluator.trace(request.input).values[target_value(target, network)];
        const double activity = strongest_units(sample(value, n), value.shape()[3])[target.index];
        here.per_sample.push_back(activity);
        place.per_sample.push_back(share_below(all, channel, activity));
    }
    Result result;
    result.value = settled.values;
    result.add("auc", std::move(auc));
    result.add("histogram", Map{std::move(histogram)});
    result.add("best", std::move(best));
    result.add("low", std::move(low));
    result.add("high", std::move(high));
    result.add("mean", std::move(mean));
    result.add("sparsity", std::move(sparsity));
    result.add("silent", std::move(silent));
    result.add("here", std::move(here));
    result.add("place", std::move(place));
    return result;
}

}  // namespace

Method neuron_statistics() {
    return define<NoParams, run_neuron_statistics>(
        {.id = "neuron_statistics",
         .family = "inside",
         .title = "Statistics of a channel",
         .question = "Which digits does this channel react to, and how well does it tell them apart?",
         .formula = R"(\mathrm{AUC}_c = P\big(a(x_c) > a(x_{\neg c})\big))",
         .reference = {"Morcos, Barrett, Rabinowitz, Botvinick",
                       "On the importance of single directions for generalization", 2018, "ICLR"},
         .targets = {TargetKind::logit, TargetKind::predicted, TargetKind::neuron, TargetKind::channel},
         .outputs = {scores_output("auc", "probability",
                                   "how well the channel tells each class from the others; 1/2: not at all"),
                     map_output(MapKind::positive, "a row for each class: how its images spread over the activity",
                                "histogram"),
                     scalar_output("best", "class", "the class that it tells apart best"),
                     scalar_output("low", "activity", "where the histogram begins: the least activity"),
                     scalar_output("high", "activity", "where it ends: the largest"),
                     scalar_output("mean", "activity", "mean over the images"),
                     scalar_output("sparsity", "share", "0: all images drive it alike; 1: one alone does"),
                     scalar_output("silent", "share", "images that do not drive it at all"),
                     scalar_output("here", "activity", "its activity for this input"),
                     scalar_output("place", "share", "images that drive it less than this input")},
         .caveat =
             "A channel that tells a digit apart need not matter for the answer, and one that matters need not tell "
             "any digit apart by itself.",
         .needs = {Role::statistics}});
}

}  // namespace pellucid::methods
