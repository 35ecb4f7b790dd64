/// What the relevance methods share: one pass down the network, and the parameters that they have in common.
#pragma once

#include "pellucid/methods/method.hpp"

namespace pellucid::methods {

/// Carries the target's relevance down by the composite's rules, on the network with its BatchNorms merged:
/// map, values and ledger.
Result propagate(const Request& request, Composite composite, SeedMode seed);
Result propagate(const Request& request, const AssignedComposite& composite, SeedMode seed);

/// The parameter `start` of the backward signal: the target's value, or 1.
struct StartParams {
    SeedMode start = SeedMode::relevance;
    bool operator==(const StartParams&) const = default;
};
void describe(Fields& f, StartParams& p);

/// The paper of the methods that carry relevance down by patterns.
Reference pattern_reference();

/// The parameters `low` and `high`: the ends of the input's range, for each channel or one for all.
struct PixelBounds {
    std::vector<float> low{0.0F}, high{1.0F};
    bool operator==(const PixelBounds&) const = default;
};
void describe(Fields& f, PixelBounds& p);
/// Puts the bounds of a pixel into the options: as the first layer with weights reads them, behind the maps of channels
/// that stand between (a normalisation in the graph).
void choose_bounds(const Request& request, const PixelBounds& p, rules::RuleOptions& options);

/// The parameters `bias`, `split_inputs`, `stabiliser` and `stabilise`: where libraries differ in the same rules.
struct HabitParams {
    Habit::Bias bias = Habit::Bias::split;
    bool split_inputs = true;
    float stabiliser = 1e-6F;
    Stabiliser stabilise = Stabiliser::absolute;
    bool operator==(const HabitParams&) const = default;
};
void describe(Fields& f, HabitParams& p);
/// Puts what was chosen of them into the options.
void choose_habit(const HabitParams& p, rules::RuleOptions& options);

}  // namespace pellucid::methods
