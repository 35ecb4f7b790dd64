/// Defences: what a training does beside fitting the images, so that small changes of an input change its answer less.
///
/// Each step learns from:
/// - none: the images;
/// - fgsm: x + δ in place of x, a random start within ε and one step. Wong, Rice, Kolter: Fast is better than free:
///   Revisiting adversarial training (2020);
/// - pgd: likewise, after `steps` steps. Madry, Makelov, Schmidt, Tsipras, Vladu: Towards Deep Learning Models
///   Resistant to Adversarial Attacks (2018);
/// - trades: L(x) + weight·KL(p(x) ‖ p(x + δ)), where δ climbs that divergence. Zhang, Yu, Jiao, Xing, El Ghaoui,
///   Jordan: Theoretically Principled Trade-off between Robustness and Accuracy (2019);
/// - gradient_penalty: L(x) + weight·‖∂F/∂x‖², see optimise/gradient_penalty.hpp.
///
/// Adversarial images lie in [0, 1] and within ε of the image in every pixel. What is drawn by chance for an image
/// follows from (seed, epoch, sample) alone.
#pragma once

#include "pellucid/nn/stages.hpp"
#include "pellucid/optimise/gradient_penalty.hpp"

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace pellucid::train {

struct Defence {
    enum class Type : std::uint8_t { none, fgsm, pgd, trades, gradient_penalty };

    Type type = Type::none;
    float epsilon = 0.3F;    ///< largest change of a pixel; (0, 1]
    float step_size = 0.0F;  ///< of a step; 0 = 1.25·ε for fgsm, 2.5·ε/steps for the others; [0, 1]
    std::size_t steps = 7;   ///< of pgd and trades; 1 to 1000
    float weight = 1.0F;     ///< of trades and gradient_penalty; [0, 1e6]
    optimise::Penalised of = optimise::Penalised::loss;  ///< of gradient_penalty
    float warm_up_epochs = 0.0F;  ///< over which ε (of a gradient penalty the weight) rises from 0; ≥ 0

    bool operator==(const Defence&) const = default;
    bool attacks() const { return type != Type::none && type != Type::gradient_penalty; }
    /// How far into the warm-up a step is: 0 (not at the first step) to 1.
    float share_at(std::uint64_t step, std::uint64_t steps_per_epoch) const;
};

/// The names in recipes, in the order of the enumerators.
std::span<const std::string_view> defence_types();
std::span<const std::string_view> penalty_subjects();

/// Throws Error(bad_argument) that names the first member out of its bounds.
void check(const Defence& defence);

/// Makes adversarial images of a batch, in place.
class BatchAttack {
public:
    /// Memory of one attack; one per thread.
    struct Workspace {
        Tensor clean;          ///< the images as they were
        Tensor probabilities;  ///< trades: of the clean images
        Trace trace;
        Stages::Signals signals;
    };

    /// The network must outlive this and keep its graph; its weights may change.
    BatchAttack(const Network& network, const Defence& defence);

    /// Moves each image to where the loss (trades: the divergence from the clean answer) is large. `share` in (0, 1]
    /// scales ε and the step. seeds: one per image. Dropout is off meanwhile.
    void move(Tensor& images, std::span<const std::uint8_t> labels, float share, std::span<const std::uint32_t> seeds,
              Workspace& workspace) const;

private:
    void start(Tensor& images, float epsilon, std::span<const std::uint32_t> seeds, const Tensor& clean) const;

    Defence defence_;
    Stages stages_;
};

}  // namespace pellucid::train
