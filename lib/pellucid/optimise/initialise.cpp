#include "pellucid/optimise/initialise.hpp"

#include "pellucid/optimise/seed.hpp"
#include "pellucid/random.hpp"

#include <algorithm>
#include <cmath>

namespace pellucid::optimise {

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
        const auto fan_in = static_cast<double>(shape[0] * shape[1] * shape[2]);
        const auto deviation = static_cast<float>(std::sqrt((node == last ? 1.0 : 2.0) / fan_in));
        for (float& value : elements(weight)) value = deviation * random.normal();
        for (std::size_t i = 1; i < parameters.size(); ++i) {
            std::ranges::fill(elements(*parameters[i].value), 0.0F);
        }
        layer.refresh();
    }
}

}  // namespace pellucid::optimise
