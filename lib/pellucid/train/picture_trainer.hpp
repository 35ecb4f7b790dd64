/// Trainings of networks that make pictures: a denoiser, and a generator against a critic (a GAN).
///
/// Stepped, watched, saved and taken up like Trainer; what a step draws by chance follows from (seed, step, sample), so
/// that a run which is interrupted ends in the same weights.
///
/// denoiser   r makes x of x + σ·n, n normal: mean over pixels of (r(x + σn) − x)². By then ∇ log p(x) ≈ (r(x) − x)/σ².
///            Alain, Bengio: What Regularized Auto-Encoders Learn from the Data-Generating Distribution (2014).
/// gan        critic D: log(1 + e^−D(x)) + log(1 + e^D(g(z))), + γ/2·‖∇D(x)‖² every `penalty_every` steps (times as
///            much);
///            generator g: log(1 + e^−D(g(z))), z normal. Goodfellow et al.: Generative Adversarial Networks (2014),
///            the non-saturating loss; Mescheder, Geiger, Nowozin: Which Training Methods for GANs do actually
///            Converge? (2018), the penalty. Its gradient γ·(v·∇)∇_w D, v = ∇_x D(x), is the difference of two weight
///            gradients on either side of x along v; for a critic that is linear between its kinks this is exact.
#pragma once

#include "pellucid/backward/input_gradient.hpp"
#include "pellucid/optimise/average.hpp"
#include "pellucid/optimise/weight_gradients.hpp"
#include "pellucid/train/training.hpp"

#include <memory>

namespace pellucid::train {

class PictureTrainer : public Training {
public:
    /// By the recipe's kind. `data` must outlive the trainer. Throws Error(bad_shape) where pictures do not fit the
    /// data.
    static std::unique_ptr<PictureTrainer> make(const Recipe& recipe, const LabelledImages& data);

    void step() override;
    /// `loss` is the mean over the epoch's steps; of a GAN the generator's.
    Progress progress() const override;
    /// The denoiser, or the generator.
    Network snapshot() const override;
    Bytes save() const override;
    void restore(std::span<const std::uint8_t> state) override;

protected:
    /// One network in training.
    struct Learner {
        Learner(const Shape& input, std::span<const LayerSpec> layers, const TrainingOptions& options,
                std::uint32_t seed);
        void move(float rate);  ///< by its gradients, which are 0 afterwards

        Network network;
        optimise::WeightGradients walk;
        optimise::Workspace workspace;
        optimise::Gradients gradients;
        std::unique_ptr<optimise::Optimiser> optimiser;
        std::vector<Tensor*> weights;
        std::vector<bool> decays;
    };

    PictureTrainer(const Recipe& recipe, const LabelledImages& data);
    void start();  ///< once all learners are there; the first is what the training is for

    /// Trains on one batch of pictures and returns the loss.
    virtual double train(const Tensor& pictures, float rate) = 0;
    /// Normal numbers for this step and purpose.
    void fill_normal(Tensor& tensor, std::uint32_t purpose) const;
    std::uint64_t steps() const { return epoch_ * steps_per_epoch_ + step_; }

    Recipe recipe_;
    std::vector<std::unique_ptr<Learner>> learners_;

private:
    const LabelledImages* data_;
    std::unique_ptr<optimise::WeightAverage> average_;
    std::size_t steps_per_epoch_, epoch_ = 0, step_ = 0;
    double loss_sum_ = 0.0, loss_ = 0.0;
    std::vector<std::size_t> order_;
};

}  // namespace pellucid::train
