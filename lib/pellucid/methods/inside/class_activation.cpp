#include "pellucid/methods/inside/class_activation.hpp"

#include "pellucid/methods/inside/enlarge.hpp"
#include "pellucid/methods/inside/layer_choice.hpp"
#include "pellucid/ops.hpp"

#include <algorithm>

namespace pellucid::methods {

void describe(Fields& f, CamParams& p) {
    f.layer("layer", p.layer, "the layer whose maps are used; empty: the last convolution's activation");
    f.flag("relu", p.relu, "keep only what speaks for the target");
}

std::vector<Output> cam_outputs() {
    return {map_output(MapKind::signed_values),
            map_output(MapKind::signed_values, "the map in the layer's own size", "coarse")};
}

void weighted_sum(std::span<const float> maps, std::span<const double> weights, std::span<double> coarse) {
    for (std::size_t at = 0; at < coarse.size(); ++at) {
        double sum = 0;
        for (std::size_t k = 0; k < weights.size(); ++k) {
            sum += weights[k] * static_cast<double>(maps[at * weights.size() + k]);
        }
        coarse[at] = sum;
    }
}

void add_cam(Result& result, const Request& request, Tensor coarse, bool relu) {
    if (relu) ops::rectify(elements(coarse));
    result.add("map", Map{enlarge(coarse, request.input.shape()[1], request.input.shape()[2])});
    result.add("coarse", Map{std::move(coarse)});
}

Result gradient_cam(std::string_view method, const Request& request, const CamParams& p, CamSum sum) {
    Evaluator& evaluator = request.explainer.plain();
    const Network& network = evaluator.network();
    const ValueId layer = spatial_layer(method, network, request.target, p.layer);
    const Signals& signals = evaluator.gradients(request.input, request.target);
    const Trace& trace = evaluator.trace(request.input);
    const Tensor& maps = trace.values[layer];
    const auto [samples, height, width, channels] = maps.shape();

    Tensor coarse = zeros({samples, height, width, 1});
    std::vector<double> of_one(height * width);
    for (std::size_t n = 0; n < samples && signals.known[layer]; ++n) {
        sum(sample(maps, n), sample(signals.values[layer], n), channels, of_one);
        std::transform(of_one.begin(), of_one.end(), sample(coarse, n).begin(),
                       [](double v) { return static_cast<float>(v); });
    }
    Result result;
    add_cam(result, request, std::move(coarse), p.relu);
    result.value = target_values(request.target, network, trace);
    return result;
}

}  // namespace pellucid::methods
