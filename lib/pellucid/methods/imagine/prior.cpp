#include "pellucid/methods/imagine/prior.hpp"

#include "pellucid/nn/layers.hpp"
#include "pellucid/optimise/initialise.hpp"
#include "pellucid/random.hpp"

#include <algorithm>
#include <cmath>

namespace pellucid::methods {

void describe_prior(Fields& f, PriorParams& p) {
    describe_steps(f, p.synthesis);
    f.integer("channels", p.channels, {1, 64}, "channels of the generator").rarely();
    f.random_seed("seed", p.synthesis.seed, "seed of the generator's weights and of the noise that it reads");
}

Network prior_network(const Shape& picture, std::size_t channels, double mean, std::uint32_t seed) {
    Network network({1, (picture[1] + 3) / 4, (picture[2] + 3) / 4, channels});
    std::size_t from = channels;
    const auto convolution = [&](const char* name, std::size_t to) {
        network.add(name, std::make_unique<Conv2d>(zeros({3, 3, from, to}), zeros({1, 1, 1, to}), Stride{1, 1},
                                                   Padding{1, 1, 1, 1}));
        from = to;
    };
    const auto bend = [&](const char* name) {
        network.add(name, std::make_unique<Activation>(Activation::Function::leaky_relu, 0.1F));
    };
    const auto enlarge = [&](const char* name) {
        network.add(name, std::make_unique<Resize>(Resize::Mode::linear, 2.0F, 2.0F));
    };
    convolution("conv1", channels);
    bend("bend1");
    enlarge("large1");
    convolution("conv2", channels);
    bend("bend2");
    enlarge("large2");
    convolution("conv3", channels);
    bend("bend3");
    convolution("conv4", picture[3]);
    network.add("sigmoid", std::make_unique<Activation>(Activation::Function::sigmoid));
    optimise::he_initialise(network, seed);
    const std::size_t last = network.find("conv4") - 1;
    for (float& bias : elements(*network.layer(last).parameters().back().value))
        bias = static_cast<float>(std::log(mean / (1 - mean)));
    network.layer(last).refresh();
    return network;
}

Tensor prior_input(const Network& network, std::uint32_t seed) {
    Tensor input = zeros(network.input_shape());
    Random random = stream(seed, Purpose::code);
    for (float& v : elements(input)) v = random.uniform();
    return input;
}

namespace {

/// A network for each sample, as grey at first as what counts of it.
std::vector<Network> first_networks(const Request& request, const PriorParams& p, const Tensor* known) {
    const InputRange range = input_range(request.explainer.network());
    const std::size_t channels = request.input.shape()[3];
    std::vector<Network> networks;
    for (std::size_t n = 0; n < request.input.shape()[0]; ++n) {
        const auto x = sample(request.input, n);
        double sum = 0, count = 0;
        for (std::size_t i = 0; i < x.size(); ++i) {
            const double weight = known == nullptr ? 1.0 : static_cast<double>(sample(*known, n)[i]);
            const float low = range.low_of(i % channels), high = range.high_of(i % channels);
            sum += weight * static_cast<double>((x[i] - low) / (high - low));
            count += weight;
        }
        const double mean = std::clamp(sum / std::max(count, 1.0), 0.02, 0.98);
        networks.push_back(prior_network(request.input.shape(), p.channels, mean, p.synthesis.seed));
    }
    return networks;
}

}  // namespace

PriorRun::PriorRun(const Request& request, const PriorParams& p, const Tensor* known)
    : SynthesisRun(request, p.synthesis, {.beta2 = 0.99F}), objective_(network()), weights_([&] {
          const std::vector<Network> networks = first_networks(request, p, known);
          return optimise::GeneratorWeights(networks, prior_input(networks.front(), p.synthesis.seed),
                                            request.input.shape(), range_);
      }()) {}

std::vector<double> PriorRun::move(std::size_t) { return descend(weights_, objective_); }

double psnr(double mean_square) { return -10 * std::log10(std::max(mean_square, 1e-12)); }

}  // namespace pellucid::methods
