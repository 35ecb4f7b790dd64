// What a denoiser's and a GAN's training do with one batch; the formulas are in picture_trainer.hpp.
#include "pellucid/train/picture_trainer.hpp"

#include "pellucid/error.hpp"
#include "pellucid/optimise/terms.hpp"
#include "pellucid/train/trainer.hpp"

#include <algorithm>
#include <cmath>

namespace pellucid::train {

namespace {

class Denoising final : public PictureTrainer {
public:
    Denoising(const Recipe& recipe, const LabelledImages& data) : PictureTrainer(recipe, data) {
        learners_.push_back(
            std::make_unique<Learner>(recipe.input, recipe.layers, recipe.training, recipe.training.seed));
        start();
        const Network& network = learners_[0]->network;
        if (network.input_shape() != network.shape(network.output())) {
            fail(ErrorCode::bad_shape,
                 "a denoiser gives back pictures of the shape that it reads; this one reads {}, gives {}",
                 pellucid::to_string(network.input_shape()), pellucid::to_string(network.shape(network.output())));
        }
    }

protected:
    double train(const Tensor& pictures, float rate) override {
        Learner& learner = *learners_[0];
        Tensor& noisy = learner.workspace.images;
        reshape_to(noisy, pictures.shape());
        fill_normal(noisy, 0);
        for (std::size_t i = 0; i < noisy.size(); ++i)
            noisy.data()[i] = pictures.data()[i] + recipe_.noise * noisy.data()[i];
        const Tensor& cleaned = learner.walk.forward(learner.workspace);
        Tensor& seed = learner.walk.seed(learner.workspace);
        std::ranges::fill(elements(seed), 0.0F);
        const double mean = 1.0 / static_cast<double>(pictures.size());
        const double loss =
            mean * optimise::squared_distance(elements(cleaned), elements(pictures), mean, elements(seed));
        learner.walk.add(learner.workspace, learner.gradients);
        learner.move(rate);
        return loss;
    }
};

class Adversarial final : public PictureTrainer {
public:
    Adversarial(const Recipe& recipe, const LabelledImages& data) : PictureTrainer(recipe, data) {
        learners_.push_back(
            std::make_unique<Learner>(recipe.input, recipe.layers, recipe.training, recipe.training.seed));
        start();
        const Network& generator = learners_[0]->network;
        learners_.push_back(std::make_unique<Learner>(generator.shape(generator.output()), recipe.critic,
                                                      recipe.training, recipe.training.seed + 1));
        const Network& critic = learners_[1]->network;
        if (critic.shape(critic.output()) != Shape{1, 1, 1, 1}) {
            fail(ErrorCode::bad_shape, "a critic ends in one number, this one in {}",
                 pellucid::to_string(critic.shape(critic.output())));
        }
    }

protected:
    double train(const Tensor& pictures, float rate) override {
        const std::size_t count = pictures.shape()[0];
        Learner& generator = *learners_[0];
        teach_critic(pictures, generate(count, 0));
        if (recipe_.penalty > 0 && steps() % recipe_.penalty_every == 0) penalise(pictures);
        learners_[1]->move(rate);

        const Tensor& made = generate(count, 1);
        // By the picture, what convinces the critic; by the generator's weights, what makes such pictures.
        double loss = 0;
        const Tensor& gradient = picture_gradient(made, [&](float answer, float& seed) {
            loss -= optimise::log_sigmoid(answer, true, -1.0 / static_cast<double>(count), seed);
        });
        generator.walk.seed(generator.workspace) = gradient;
        generator.walk.add(generator.workspace, generator.gradients);
        generator.move(rate);
        return loss / static_cast<double>(count);
    }

private:
    const Tensor& generate(std::size_t count, std::uint32_t purpose) {
        Learner& generator = *learners_[0];
        reshape_to(generator.workspace.images, with_batch(generator.network.input_shape(), count));
        fill_normal(generator.workspace.images, purpose);
        return generator.walk.forward(generator.workspace);
    }

    /// Real pictures and made ones in one batch.
    void teach_critic(const Tensor& pictures, const Tensor& made) {
        Learner& critic = *learners_[1];
        const std::size_t count = pictures.shape()[0];
        Tensor& both = critic.workspace.images;
        reshape_to(both, with_batch(pictures.shape(), 2 * count));
        std::copy_n(pictures.data(), pictures.size(), both.data());
        std::copy_n(made.data(), made.size(), both.data() + pictures.size());
        const Tensor& answers = critic.walk.forward(critic.workspace);
        Tensor& seed = critic.walk.seed(critic.workspace);
        std::ranges::fill(elements(seed), 0.0F);
        for (std::size_t n = 0; n < 2 * count; ++n) {
            optimise::log_sigmoid(answers.data()[n], n < count, -1.0 / static_cast<double>(count), seed.data()[n]);
        }
        critic.walk.add(critic.workspace, critic.gradients);
    }

    /// ∂/∂picture of what `seed_of(answer, seed)` seeds the critic's answers with.
    template <typename SeedOf>
    const Tensor& picture_gradient(const Tensor& pictures, const SeedOf& seed_of) {
        Learner& critic = *learners_[1];
        // Its weights change with every step: a plan of its own, whose forms are read anew.
        passes_ = std::make_unique<InputGradient>(critic.network);
        return passes_->pullback(pictures, critic.network.output(), [&](const Trace& trace, Tensor& seed) {
            const Tensor& answers = trace.values[critic.network.output()];
            for (std::size_t n = 0; n < seed.size(); ++n) seed_of(answers.data()[n], seed.data()[n]);
        });
    }

    /// γ/2·‖∇D(x)‖² for the pictures x, for `penalty_every` steps at once.
    void penalise(const Tensor& pictures) {
        constexpr double reach = 0.02;  // of the two sides, as a norm per picture: far below where ReLUs bend often
        Learner& critic = *learners_[1];
        const std::size_t count = pictures.shape()[0];
        const Tensor& slope = picture_gradient(pictures, [](float, float& seed) { seed = 1; });
        Tensor& sides = critic.workspace.images;
        reshape_to(sides, with_batch(pictures.shape(), 2 * count));
        std::vector<double> lengths;
        for (std::size_t n = 0; n < count; ++n) {
            double square = 1e-24;
            for (const float s : sample(slope, n)) square += static_cast<double>(s) * static_cast<double>(s);
            lengths.push_back(std::sqrt(square));
            const auto step = static_cast<float>(reach / lengths.back());
            for (std::size_t i = 0; i < sample_size(slope); ++i) {
                const float x = sample(pictures, n)[i], d = step * sample(slope, n)[i];
                sample(sides, n)[i] = x + d;
                sample(sides, count + n)[i] = x - d;
            }
        }
        critic.walk.forward(critic.workspace);
        Tensor& seed = critic.walk.seed(critic.workspace);
        const double weight = static_cast<double>(recipe_.penalty) * static_cast<double>(recipe_.penalty_every) /
                              static_cast<double>(count);
        for (std::size_t n = 0; n < count; ++n) {
            const auto s = static_cast<float>(weight * lengths[n] / (2 * reach));
            seed.data()[n] = s;
            seed.data()[count + n] = -s;
        }
        critic.walk.add(critic.workspace, critic.gradients);
    }

    std::unique_ptr<InputGradient> passes_;
};

}  // namespace

std::unique_ptr<PictureTrainer> PictureTrainer::make(const Recipe& recipe, const LabelledImages& data) {
    if (recipe.kind == Recipe::Kind::denoiser) return std::make_unique<Denoising>(recipe, data);
    if (recipe.kind == Recipe::Kind::gan) return std::make_unique<Adversarial>(recipe, data);
    fail(ErrorCode::bad_argument, "the recipe of a classifier trains no pictures");
}

std::unique_ptr<Training> make_training(const Recipe& recipe, const LabelledImages& data) {
    if (recipe.kind == Recipe::Kind::classifier) return std::make_unique<Trainer>(recipe, data);
    return PictureTrainer::make(recipe, data);
}

}  // namespace pellucid::train
