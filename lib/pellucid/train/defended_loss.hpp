/// What a piece of a batch teaches: the loss of its images, or what a defence makes of it.
#pragma once

#include "pellucid/optimise/backpropagation.hpp"
#include "pellucid/train/defence.hpp"
#include "pellucid/train/loss.hpp"

#include <optional>

namespace pellucid::train {

class DefendedLoss {
public:
    struct Memory {
        optimise::Workspace workspace;  ///< its images are the piece
        BatchAttack::Workspace attack;
        optimise::GradientPenalty::Workspace penalty;
    };

    /// What one piece needs beside its images.
    struct Piece {
        std::span<const std::uint8_t> labels;
        float scale;  ///< of loss and gradients: 1/batch
        float share;  ///< of the defence's warm-up
        std::uint32_t dropout_seed;
        std::span<const std::uint32_t> seeds;  ///< of each image's attack
        float divergence = 1.0F;               ///< weight of the evidential loss's divergence
    };

    /// The network must outlive this and keep its graph; its weights may change.
    DefendedLoss(Network& network, const Defence& defence, float label_smoothing, const Loss& loss = {});

    /// Adds scale · ∂(summed loss)/∂parameter to `gradients`. May change the images. `correct` counts answers to the
    /// images that were learnt from, the changed ones where there are some, but for trades the clean ones.
    optimise::LossSum add_gradients(Memory& memory, const Piece& piece, std::span<Tensor> gradients) const;

private:
    optimise::LossSum trades(Memory& memory, const Piece& piece, std::span<Tensor> gradients) const;

    Defence defence_;
    Loss loss_;
    float smoothing_;
    optimise::Backpropagation backpropagation_;
    std::optional<BatchAttack> attack_;
    std::optional<optimise::GradientPenalty> penalty_;
};

}  // namespace pellucid::train
