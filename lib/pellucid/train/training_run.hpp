/// A training as a run, like any other: a part is a batch, a snapshot is the curve of the loss, and it can be stopped,
/// saved and taken up again. For who trains a network beside explaining it, such as a page.
#pragma once

#include "pellucid/methods/run.hpp"
#include "pellucid/train/trainer.hpp"

#include <vector>

namespace pellucid::train {

class TrainingRun final : public Run {
public:
    /// Trains a copy of the network from its weights as they are; with `fresh` from new ones (He's, drawn by the seed).
    /// The network must read one channel from 0 to 1, paper to ink. Throws Error(bad_argument, bad_shape) that says
    /// what is wrong with network, options or data.
    TrainingRun(Network network, const TrainingOptions& options, LabelledImages data, bool fresh);

    std::size_t most() const override { return most_; }
    /// Series `loss` and `accuracy` over the steps, and as value the last loss. On long trainings a point is the mean
    /// of several steps.
    Result snapshot() override;

    /// The network as it is now: averaged weights, no dropout unless the options keep it.
    Network network() const { return trainer_.snapshot(); }

    /// What restore() takes up with the same network, options and data.
    Bytes save() const;
    /// Throws Error(bad_file) where the state belongs to another training, or is damaged; then nothing has changed.
    void restore(std::span<const std::uint8_t> state);

protected:
    void advance(std::size_t step) override;

private:
    struct Sums {
        double loss = 0, right = 0, images = 0;
    };
    /// Over the epoch that is running.
    Sums sums_so_far() const;
    std::size_t steps_done() const;

    LabelledImages data_;
    TrainingOptions options_;
    Trainer trainer_;
    std::size_t most_;
    std::size_t stride_;         ///< steps per point of the curves
    std::vector<float> losses_;  ///< a point each
    std::vector<float> accuracies_;
    Sums open_;  ///< of the steps that make no point yet
};

}  // namespace pellucid::train
