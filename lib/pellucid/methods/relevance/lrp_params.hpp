/// The parameters of layer-wise relevance propagation: composite, rules of single layers, what each rule takes.
#pragma once

#include "pellucid/methods/relevance/relevance.hpp"

namespace pellucid::methods {

struct LrpParams {
    std::string composite = "epsilon_plus", rule = "by_composite", rules;
    float epsilon = 1e-6F, relative_epsilon = 0, gamma = 0.25F, alpha = 2;
    PixelBounds bounds;
    StartParams start;
    HabitParams habit;
    bool operator==(const LrpParams&) const = default;
};
void describe(Fields& f, LrpParams& p);

/// The composite that they choose for a network.
Composite chosen_composite(const Request& request, const LrpParams& p, const Network& network);

}  // namespace pellucid::methods
