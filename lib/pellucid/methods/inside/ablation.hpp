/// Units that are switched off, scaled, disturbed or replaced by their mean.
#pragma once

#include "pellucid/methods/method.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace pellucid::methods {

enum class Damage : std::uint8_t { zero, scale, disturb, mean };

struct DamageParams {
    Damage how = Damage::zero;
    float factor = 0.5F, noise = 1.0F;
    std::uint32_t seed = 0;
};
void describe(Fields& f, DamageParams& p);

/// What a layer's units are replaced by where they are damaged.
///   zero: 0;  scale: factor·a;  disturb: a + noise·σ·ε, σ the deviation of the sample's units of that layer, ε normal,
///   the same for every sample;  mean: the unit's mean over the data (reference_drawings())
class Damager {
public:
    /// Error(unsupported) where a mean is asked for and there are no data.
    Damager(const Request& request, ValueId layer, const DamageParams& p);
    /// Of the layer's output for a batch, (N, h, w, K); shaped like it.
    Tensor operator()(const Tensor& value) const;

private:
    DamageParams params_;
    Tensor mean_;
};

/// Places of the units that a text names: "3" (a channel), "3,4,5" (channel, row, column), several with ; between,
/// "all". Empty: none. Throws Error(bad_argument) where it names none of the layer.
std::vector<std::size_t> named_units(std::string_view method, const Network& network, ValueId layer,
                                     const std::string& text);

}  // namespace pellucid::methods
