#include "pellucid/optimise/schedule.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace pellucid::optimise {

float learning_rate_at(const Schedule& schedule, std::uint64_t step, std::uint64_t steps_per_epoch,
                       std::uint64_t epochs) {
    const double peak = schedule.learning_rate;
    const double last = schedule.final_learning_rate;
    const double warm_up =
        std::floor(static_cast<double>(schedule.warm_up_epochs) * static_cast<double>(steps_per_epoch));
    const auto now = static_cast<double>(step);
    if (now < warm_up) return static_cast<float>(peak * (now + 1.0) / warm_up);
    if (!schedule.cosine) {
        const double down =
            std::floor(static_cast<double>(schedule.cool_down_epochs) * static_cast<double>(steps_per_epoch));
        const double gone = now - (static_cast<double>(steps_per_epoch * epochs) - down);
        if (gone <= 0) return schedule.learning_rate;
        return static_cast<float>(peak + (last - peak) * std::min(1.0, gone / down));
    }
    const double span = std::max(1.0, static_cast<double>(steps_per_epoch * epochs) - warm_up);
    const double progress = std::min(1.0, (now - warm_up) / span);
    return static_cast<float>(last + (peak - last) * 0.5 * (1.0 + std::cos(std::numbers::pi * progress)));
}

}  // namespace pellucid::optimise
