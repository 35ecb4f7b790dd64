#include "pellucid/optimise/initialise.hpp"

#include "pellucid/nn/layers.hpp"
#include "pellucid/optimise/seed.hpp"
#include "pellucid/random.hpp"

#include <algorithm>
#include <cmath>

namespace pellucid::optimise {

namespace {

/// How many inputs one output sums. Of a transposed convolution only every stride-th tap meets an input, and there are
/// no more of them than input pixels.
double fan_in_of(const Layer& layer, const Shape& weight, const Shape& input) {
    const auto* transposed = dynamic_cast<const ConvTranspose2d*>(&layer);
    if (transposed == nullptr) return static_cast<double>(weight[0] * weight[1] * weight[2]);
    const auto taps = [](std::size_t kernel, std::size_t stride, std::size_t size) {
        return std::min(static_cast<double>(kernel) / static_cast<double>(stride), static_cast<double>(size));
    };
    return taps(weight[0], transposed->stride().h, input[1]) * taps(weight[1], transposed->stride().w, input[2]) *
           static_cast<double>(weight[2]);
}

}  // namespace

void he_initialise(Network& network, std::uint32_t seed) {
    std::size_t last = 0;
    for (std::size_t node = 0; node < network.nodes().size(); ++node) {
        if (!network.layer(node).parameters().empty()) last = node;
    }
    for (std::size_t node = 0; node < network.nodes().size(); ++node) {
        Layer& layer = network.layer(node);
        const std::vector<Parameter> parameters = layer.parameters();
        if (parameters.empty() || parameters.front().name != "weight") continue;
        // A stream per node, so that a change of one layer leaves the others' weights as they were.
        Random random(derive_seed(seed, Stream::weights, node));
        Tensor& weight = *parameters.front().value;
        const Shape shape = weight.shape();
        const double fan_in = fan_in_of(layer, shape, network.shape(network.nodes()[node].inputs.front()));
        const auto deviation = static_cast<float>(std::sqrt((node == last ? 1.0 : 2.0) / fan_in));
        for (float& value : elements(weight)) value = deviation * random.normal();
        for (std::size_t i = 1; i < parameters.size(); ++i) {
            std::ranges::fill(elements(*parameters[i].value), 0.0F);
        }
        layer.refresh();
    }
}

}  // namespace pellucid::optimise
