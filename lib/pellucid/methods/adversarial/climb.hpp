/// Steps up the loss, each followed by projection: what fgsm, bim, pgd and mi_fgsm are made of.
///
/// linf: x ← clip(x + step·sign(d)) to the box of ε and range. l2: x ← x + step·d/‖d‖₂, shortened to ‖x − x₀‖₂ ≤ ε,
/// within the range. d is the gradient of the loss, or with momentum μ what has gathered: d ← μ·d + g/‖g‖, ‖g‖ the mean
/// of |g| (linf) or the length (l2). The other way where targeted. sign(0) = 0.
/// Cost of a step: a forward and a backward pass.
#pragma once

#include "pellucid/methods/adversarial/attack.hpp"

#include <optional>

namespace pellucid::methods {

struct ClimbHow {
    Norm norm = Norm::linf;
    AttackLoss loss = AttackLoss::cross_entropy;
    std::optional<float> momentum = std::nullopt;
};

/// A batch on its way.
class Climb {
public:
    /// One ε and one length of a step for each sample, or for all. The victim must outlive this.
    Climb(Victim& victim, Tensor original, Attacked attacked, const ClimbHow& how, std::vector<double> epsilons,
          std::vector<double> steps);
    Climb(Victim& victim, const Tensor& original, const Attacked& attacked, const ClimbHow& how, double epsilon,
          double step)
        : Climb(victim, original, attacked, how, std::vector<double>(original.shape()[0], epsilon),
                std::vector<double>(original.shape()[0], step)) {}

    /// To a random place within ε: uniform in the cube (linf), or in direction and radius (l2). The same for a sample
    /// alone as in a batch; `number`: of the start.
    void start_at_random(std::uint32_t seed, std::size_t number);
    /// Throws Error(unsupported) where the first step, from the original, meets no gradient.
    void step();

    const Tensor& place() const { return place_; }

private:
    /// Of so many samples.
    void step(std::size_t first, std::size_t count);
    void gather_momentum(std::size_t n, std::span<const float> gradient);
    void move(std::size_t n, std::span<const float> direction);

    Victim& victim_;
    Tensor original_;
    Attacked attacked_;
    ClimbHow how_;
    std::vector<double> epsilons_, steps_;
    Box box_;
    Tensor place_, seed_, gathered_;
    bool moved_ = false;
};

}  // namespace pellucid::methods
