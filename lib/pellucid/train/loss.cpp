#include "pellucid/train/loss.hpp"

#include "pellucid/error.hpp"

#include <array>

namespace pellucid::train {

std::span<const std::string_view> loss_types() {
    static constexpr std::array<std::string_view, 2> names = {"cross_entropy", "evidential"};
    return names;
}

void check(const Loss& loss) {
    if (!(loss.annealing_epochs >= 0.0F && loss.annealing_epochs <= 1e6F))
        fail(ErrorCode::bad_argument, "loss: annealing_epochs is {}; it must be from 0 to 1e6", loss.annealing_epochs);
    if (loss.evidence == Evidence::none)
        fail(ErrorCode::bad_argument, "loss: evidence is none; it must be relu or softplus");
}

float Loss::weight_at(std::uint64_t step, std::uint64_t steps_per_epoch) const {
    const double whole = static_cast<double>(annealing_epochs) * static_cast<double>(steps_per_epoch);
    return static_cast<double>(step) >= whole ? 1.0F : static_cast<float>(static_cast<double>(step) / whole);
}

}  // namespace pellucid::train
