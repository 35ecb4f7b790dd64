/// What the relevance methods share: one pass down the network, and the parameters that they have in common.
#pragma once

#include "pellucid/methods/method.hpp"

namespace pellucid::methods {

/// Carries the target's relevance down by the composite's rules, on the network with its BatchNorms merged:
/// map, values and ledger.
Result propagate(const Request& request, const Composite& composite, SeedMode seed);

/// The parameter `seed`: start from the target's value or from 1.
ParamCard seed_param();
SeedMode chosen_seed(const Params& params);

/// The parameters `bias`, `split_inputs` and `stabiliser`: where libraries differ in the same rules.
std::vector<ParamCard> habit_params();
/// Puts what was chosen of them, and `epsilon`, into the options.
void choose_habit(const Params& params, rules::RuleOptions& options);

}  // namespace pellucid::methods
