/// Training as a run: one batch per step, with progress, a snapshot, and a state that can be saved and taken up again.
///
/// A batch is cut into chunks of a fixed size, each with gradients of its own, which are summed in order: the work
/// spreads over the cores and the result is the same, bit for bit, for any number of threads. What a step draws by
/// chance follows from (seed, epoch, sample), so a run that is interrupted and taken up again ends in the same weights,
/// too.
#pragma once

#include "pellucid/optimise/average.hpp"
#include "pellucid/optimise/backpropagation.hpp"
#include "pellucid/parallel.hpp"
#include "pellucid/train/defended_loss.hpp"
#include "pellucid/train/training.hpp"

#include <optional>
#include <string_view>

namespace pellucid::train {

class Trainer final : public Training {
public:
    /// Trains a fresh network (He's initial weights) on `data`, which must outlive the trainer.
    Trainer(const Recipe& recipe, const LabelledImages& data);

    /// Trains the given network from its present weights.
    Trainer(Network network, const TrainingOptions& options, const LabelledImages& data);

    /// One batch. Does nothing once finished.
    /// Throws Error(bad_argument) where loss, gradients or weights are no finite numbers any more, or beyond 1e18: the
    /// training ran away. It then stands where it last was sound, at most 100 steps before.
    void step() override;

    Progress progress() const override;

    /// No dropout unless the options say that it stays.
    Network snapshot() const override;

    /// The network to train on from here with other data: averaged weights, dropout in place.
    Network averaged() const;

    /// The network with the weights of the last step.
    const Network& network() const { return network_; }

    Bytes save() const override;

    void restore(std::span<const std::uint8_t> state) override;

private:
    struct Worker {
        DefendedLoss::Memory memory;
        Augmenter augmenter;
        std::vector<float> image;
    };

    void begin_epoch();
    std::unique_ptr<Worker> take_worker();
    optimise::LossSum run_chunk(std::span<const std::size_t> samples, std::size_t chunk,
                                optimise::Gradients& gradients);
    void sum_gradients(std::size_t chunks);
    [[noreturn]] void go_back(std::string_view what);

    TrainingOptions options_;
    const LabelledImages* data_;
    Network network_;
    DefendedLoss loss_;
    std::vector<Tensor*> weights_;
    std::vector<bool> decays_;
    std::unique_ptr<optimise::Optimiser> optimiser_;
    optimise::WeightAverage average_;
    std::size_t steps_per_epoch_;

    std::size_t epoch_ = 0;
    std::size_t step_ = 0;  ///< within the epoch
    double loss_sum_ = 0.0;
    std::size_t correct_ = 0, seen_ = 0;
    std::vector<std::size_t> order_;  ///< samples in this epoch's order; empty = not drawn yet

    Bytes sound_;  ///< the state to go back to where a step leads beyond all numbers; empty = not kept yet

    std::vector<optimise::Gradients> gradients_;  ///< per chunk; the first ends up holding the sum
    std::vector<std::unique_ptr<Worker>> idle_;
    Mutex idle_lock_;
};

/// The class of the largest logit of every image.
std::vector<std::size_t> answers(const Network& network, const ByteImages& images);
/// Share of answers that are the labels.
double share_right(std::span<const std::size_t> answers, std::span<const std::uint8_t> labels);
/// Share of images that are answered with their labels.
double accuracy(const Network& network, const LabelledImages& data);

}  // namespace pellucid::train
