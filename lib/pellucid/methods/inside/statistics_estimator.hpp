/// Makes a network's statistics of labelled images.
#pragma once

#include "pellucid/methods/inside/statistics.hpp"
#include "pellucid/nn/network.hpp"

#include <span>

namespace pellucid::methods {

class StatisticsEstimator {
public:
    /// Layers of more channels than that are left out: mostly what a Flatten puts out, whose units are the layer's
    /// before.
    static constexpr std::size_t most_layer_channels = 1024;

    /// The network must outlive this. It keeps one number for every image and channel until the end.
    StatisticsEstimator(const Network& network, std::size_t classes, std::size_t bins = 16);

    /// A batch with its labels, below `classes`.
    void add(const Tensor& images, std::span<const std::uint8_t> labels);

    /// Of all that was added; at least one image.
    NetworkStatistics statistics(std::string data) const;

private:
    struct Watched {
        ValueId value;
        std::vector<std::vector<float>> activities;  ///< per channel, image by image
    };
    ChannelStatistics channel(const std::vector<float>& activities) const;

    const Network& network_;
    std::size_t classes_, bins_;
    std::vector<Watched> watched_;
    std::vector<std::uint8_t> labels_;
    Trace trace_;
};

/// Activity of the strongest unit of every channel of one sample of a layer's output, (h·w·K) numbers: K of them.
std::vector<float> strongest_units(std::span<const float> units, std::size_t channels);

}  // namespace pellucid::methods
