#include "pellucid/train/defended_loss.hpp"

#include "pellucid/optimise/divergence.hpp"
#include "pellucid/optimise/evidential.hpp"

#include <algorithm>

namespace pellucid::train {

DefendedLoss::DefendedLoss(Network& network, const Defence& defence, float label_smoothing, const Loss& loss)
    : defence_(defence), loss_(loss), smoothing_(label_smoothing), backpropagation_(network) {
    check(defence);
    if (defence.attacks()) attack_.emplace(network, defence);
    if (defence.type == Defence::Type::gradient_penalty) penalty_.emplace(network, defence.of);
}

optimise::LossSum DefendedLoss::add_gradients(Memory& memory, const Piece& piece, std::span<Tensor> gradients) const {
    optimise::Workspace& workspace = memory.workspace;
    if (loss_.type == Loss::Type::evidential) {
        const auto evidential = [&](const Tensor& logits, Tensor& gradient) {
            return optimise::evidential_loss(logits, piece.labels, loss_.evidence, piece.divergence, piece.scale,
                                             gradient);
        };
        return backpropagation_.add_gradients(workspace, piece.dropout_seed, gradients, evidential);
    }
    if (penalty_) {
        const optimise::GradientPenalty::Terms terms{smoothing_, piece.scale, piece.share * defence_.weight,
                                                     piece.dropout_seed, piece.seeds};
        return penalty_->add_gradients(workspace.images, piece.labels, terms, gradients, memory.penalty).loss;
    }
    if (defence_.type == Defence::Type::trades) return trades(memory, piece, gradients);
    if (attack_) attack_->move(workspace.images, piece.labels, piece.share, piece.seeds, memory.attack);
    return backpropagation_.add_gradients(workspace, piece.labels, smoothing_, piece.scale, piece.dropout_seed,
                                          gradients);
}

/// One walk over the images and their changed copies, side by side.
optimise::LossSum DefendedLoss::trades(Memory& memory, const Piece& piece, std::span<Tensor> gradients) const {
    optimise::Workspace& workspace = memory.workspace;
    Tensor changed = workspace.images;
    attack_->move(changed, piece.labels, piece.share, piece.seeds, memory.attack);
    const std::size_t count = piece.labels.size(), size = workspace.images.size();
    reshape_to(workspace.images, with_batch(changed.shape(), 2 * count));
    std::ranges::copy(elements(memory.attack.clean), workspace.images.data());
    std::ranges::copy(elements(changed), workspace.images.data() + size);
    const auto loss = [&](const Tensor& logits, Tensor& gradient) {
        // The second half has no labels; its gradient is the divergence's alone.
        Tensor clean_gradient;
        optimise::LossSum sum = optimise::cross_entropy(batch_slice(logits, 0, count), piece.labels, smoothing_,
                                                        piece.scale, clean_gradient);
        reshape_to(gradient, logits.shape());
        std::ranges::fill(elements(gradient), 0.0F);
        std::ranges::copy(elements(clean_gradient), gradient.data());
        const float weight = defence_.weight;
        sum.loss += static_cast<double>(weight) * optimise::add_divergence(logits, piece.scale * weight, gradient);
        return sum;
    };
    return backpropagation_.add_gradients(workspace, piece.dropout_seed, gradients, loss);
}

}  // namespace pellucid::train
