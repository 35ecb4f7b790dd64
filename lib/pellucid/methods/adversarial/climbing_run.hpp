/// The run of the attacks that climb the loss step by step: bim, pgd, mi_fgsm.
#pragma once

#include "pellucid/methods/adversarial/climb.hpp"

namespace pellucid::methods {

struct ClimbingRunParams {
    double epsilon = 0.1, step_size = 0.025;
    std::size_t steps = 10;
    bool targeted = false;
    ClimbHow how = {};
    bool random_start = false;
    std::uint32_t seed = 0;
    /// Climbs from as many random starts, one after another; each sample keeps the first that succeeds, else the one
    /// with the highest lead (Victim::lead).
    std::size_t starts = 1;
};

/// One part per step of each start.
std::unique_ptr<Run> climbing_run(const Request& request, const ClimbingRunParams& params);

/// What describes an attack of steps.
void describe_steps(Fields& f, double& step_size, std::size_t& steps);

}  // namespace pellucid::methods
