/// Steps to the nearest boundary of the network taken as linear: what deepfool and universal are made of.
///
/// Of the classes k, the one with the least |z_k − z_l| / ‖∇(z_k − z_l)‖ (l: what the sample is taken for) adds
/// (that + 1e-4)·∇/‖∇‖ to the change (l2), or with ‖·‖₁ for the norm times sign(∇) (linf);
/// x = clip(x₀ + (1 + overshoot)·change). As foolbox has it. Targeted, k is the wanted class alone.
/// Cost of a step: a forward pass, and a backward pass for every other class.
#pragma once

#include "pellucid/methods/adversarial/attack.hpp"

namespace pellucid::methods {

struct BoundaryHow {
    Norm norm = Norm::l2;
    double overshoot = 0.02;
    std::size_t classes = 0;  ///< only so many with the highest scores at x₀; 0: all
};

class BoundaryWalk {
public:
    /// The victim must outlive this.
    BoundaryWalk(Victim& victim, const Tensor& original, const Attacked& attacked, const BoundaryHow& how);

    /// One step of every sample that is not over the boundary; false where all are.
    bool step();
    bool over() const { return open_.empty(); }
    const Tensor& place() const { return place_; }

private:
    /// A sample's nearest boundary so far.
    struct Nearest {
        double distance = 0;
        std::vector<float> gradient;
    };
    std::vector<std::size_t> candidates(std::span<const float> z, std::size_t label) const;
    /// The candidates of that rank, for every open sample; `rows`: where the samples are in the batch of z.
    void look_at(std::size_t rank, const Tensor& z, std::span<const std::size_t> rows, std::vector<Nearest>& nearest);
    void move(std::size_t n, const Nearest& nearest);

    Victim& victim_;
    Tensor original_;
    Attacked attacked_;
    BoundaryHow how_;
    Box box_;
    Tensor place_, change_;
    std::vector<std::size_t> open_;                     // samples not over the boundary
    std::vector<std::vector<std::size_t>> candidates_;  // of each sample, the other answers to look at
    Tensor seed_;
};

}  // namespace pellucid::methods
