/// Which layer a method looks at: the one that is named, or what is most often wanted.
#pragma once

#include "pellucid/methods/method.hpp"

#include <string>
#include <string_view>

namespace pellucid::methods {

/// Whether a value is still of rows and columns, if only one: no Dense or Flatten lies before it.
bool has_places(const Network& network, ValueId value);

/// The last convolution that the target depends on, or the activation right behind it if the target depends on that,
/// too; 0 where there is none.
ValueId last_feature_maps(const Network& network, const Target& target);

/// The layer of that name; empty: last_feature_maps(). Throws Error where there is none, where it does not lie below
/// the target, or where it is no longer of rows and columns.
ValueId spatial_layer(std::string_view method, const Network& network, const Target& target, const std::string& name);

/// The same for methods that take any layer: without feature maps below the target, the first layer that it depends on.
ValueId layer_below(std::string_view method, const Network& network, const Target& target, const std::string& name);

/// "3" for the channel 3 of a vector, "3,4,5" (channel, row, column) for a unit that has places: as targets name it.
std::string unit_name(const Shape& shape, std::size_t unit);

/// "0", "1", …: a layer's channels, as groups of scores.
std::vector<std::string> channel_names(std::size_t channels);
/// Zeros for a layer's channels, (N, 1, 1, K), or for its units one by one, (N, 1, 1, h·w·K), in memory order.
Scores layer_scores(const Network& network, ValueId layer, bool by_unit, std::size_t samples);

}  // namespace pellucid::methods
