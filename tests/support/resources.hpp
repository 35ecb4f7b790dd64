/// What methods need beside a network, for networks of tests.
#pragma once

#include "pellucid/methods/inside/statistics_estimator.hpp"
#include "pellucid/nn/layers.hpp"
#include "support/patterns.hpp"
#include "support/random_tensor.hpp"

namespace pellucid::test {

/// A batch of random images with labels that the network knows.
inline DataSet random_data(const Network& network, std::size_t count, std::uint32_t seed) {
    Random random(seed);
    std::vector<std::size_t> labels;
    for (std::size_t i = 0; i < count; ++i) labels.push_back(i % std::max<std::size_t>(network.classes(), 2));
    return DataSet(uniform_tensor(with_batch(network.input_shape(), count), random, 0.0F, 1.0F), std::move(labels));
}

/// Three strokes, each a band of rows of the input.
inline Strokes striped_strokes(const Network& network) {
    const Shape& shape = network.input_shape();
    Tensor pictures = zeros({3, shape[1], shape[2], 1});
    for (std::size_t y = 0; y < shape[1]; ++y) {
        for (std::size_t x = 0; x < shape[2]; ++x) pictures(y % 3, y, x, 0) = 1.0F;
    }
    Drawing drawing{280.0F, 280.0F, {}};
    for (const float y : {40.0F, 140.0F, 240.0F}) drawing.strokes.push_back({{{20.0F, y}, {260.0F, y}}, 20.0F});
    return {drawing, std::move(pictures)};
}

/// What the network's channels do over these data.
inline std::shared_ptr<const Statistics> counted_statistics(const Network& network, const DataSet& data) {
    methods::StatisticsEstimator estimator(network, std::max<std::size_t>(network.classes(), 2));
    std::vector<std::uint8_t> labels;
    for (const std::size_t label : data.labels()) labels.push_back(static_cast<std::uint8_t>(label));
    estimator.add(data.images(0, data.size(), input_range(network)), labels);
    return std::make_shared<const Statistics>(methods::write_statistics(estimator.statistics("random numbers")));
}

/// A generator of the network's inputs from three numbers.
inline Network small_generator(const Network& network, std::uint32_t seed) {
    const Shape& shape = network.input_shape();
    Random random(seed);
    Network generator({1, 1, 1, 3});
    generator.add("up", std::make_unique<ConvTranspose2d>(random_tensor({shape[1], shape[2], 3, shape[3]}, random),
                                                          zeros({1, 1, 1, shape[3]})));
    generator.add("sigmoid", std::make_unique<Activation>(Activation::Function::sigmoid));
    return generator;
}

/// What takes the mean of a pixel's surroundings for the clean picture.
inline Network smoothing_expert(const Network& network) {
    const std::size_t channels = network.input_shape()[3];
    Tensor weight = zeros({3, 3, channels, channels});
    for (std::size_t tap = 0; tap < 9; ++tap) {
        for (std::size_t c = 0; c < channels; ++c) weight.data()[(tap * channels + c) * channels + c] = 1.0F / 9;
    }
    Network expert(network.input_shape());
    expert.add("mean", std::make_unique<Conv2d>(std::move(weight), zeros({1, 1, 1, channels}), Stride{1, 1},
                                                Padding{1, 1, 1, 1}));
    return expert;
}

/// Gives the explainer something of every role that a test can make for any network.
inline void give_resources(Explainer& explainer, std::uint32_t seed = 17) {
    give_patterns(explainer, seed);
    const DataSet data = random_data(explainer.network(), 12, seed + 1);
    explainer.attach(counted_statistics(explainer.network(), data));
    explainer.attach(data);
    explainer.attach(striped_strokes(explainer.network()));
    explainer.attach(Role::generator, small_generator(explainer.network(), seed + 2));
    explainer.attach(Role::expert, smoothing_expert(explainer.network()));
    explainer.attach(Role::second, Network(explainer.network()));
}

}  // namespace pellucid::test
