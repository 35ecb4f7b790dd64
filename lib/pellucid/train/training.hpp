/// What every training is, whatever it trains: it is stepped and watched, and its state can be saved and taken up
/// again.
#pragma once

#include "pellucid/data/file.hpp"
#include "pellucid/data/mnist.hpp"
#include "pellucid/nn/network.hpp"
#include "pellucid/train/recipe.hpp"

#include <memory>
#include <span>

namespace pellucid::train {

/// Where a training stands.
struct Progress {
    std::size_t epoch = 0;  ///< epochs completed
    std::size_t epochs = 0;
    std::size_t step = 0;  ///< steps completed in the epoch that is running
    std::size_t steps_per_epoch = 0;
    double loss = 0.0;  ///< mean over the samples since the epoch began (of the last epoch, between two)
    /// Likewise, on augmented images (and attacked ones, by the defence), with the weights as they moved; 0 where
    /// nothing is read.
    double accuracy = 0.0;
    float learning_rate = 0.0F;  ///< of the next step

    bool finished() const { return epoch == epochs; }
};

class Training {
public:
    Training() = default;
    virtual ~Training() = default;
    Training(const Training&) = delete;
    Training& operator=(const Training&) = delete;

    /// One batch. Does nothing once finished. Throws Error(bad_argument) where the training ran away.
    virtual void step() = 0;
    virtual Progress progress() const = 0;
    /// The network as it should be used: averaged weights.
    virtual Network snapshot() const = 0;
    /// Everything that later steps depend on, beside recipe and data.
    virtual Bytes save() const = 0;
    /// Takes a saved state up. Throws Error(bad_file) where it belongs to another network or data set, or is damaged.
    virtual void restore(std::span<const std::uint8_t> state) = 0;
};

/// The training that a recipe asks for. `data` must outlive it.
std::unique_ptr<Training> make_training(const Recipe& recipe, const LabelledImages& data);

}  // namespace pellucid::train
