/// A network in which units of a layer are switched off, scaled or disturbed for good, so that every method can be
/// asked about it.
#pragma once

#include "pellucid/nn/network.hpp"

#include <span>
#include <string>
#include <string_view>

namespace pellucid::methods {

/// The network with these channels of a value multiplied by `factor`: an Affine named "NAME_without" behind it, which
/// all that read it read instead. Names of layers stay what they were; the layer itself still puts out what it did.
/// Throws Error(bad_argument) where there is no such channel, or the name is taken.
Network without_channels(const Network& network, ValueId layer, std::span<const std::size_t> channels,
                         double factor = 0);

/// The same by texts, one after the other: LAYER/UNITS[*FACTOR][~NOISE[:SEED]]. UNITS: channels (3;7), units (3,4,5:
/// channel, row, column) or all. Without a factor they are off, with NOISE alone they keep what they have; NOISE:
/// deviation of the normal numbers that are added, one for each unit, the same for every input. Texts that change
/// nothing (*1) leave the network as it is, bit for bit. Where single units are changed, the layer behind is a map of
/// each unit.
/// Throws Error(bad_argument) that says what would be right.
Network without(const Network& network, std::span<const std::string> changes);

/// Of one text.
Network without(const Network& network, std::string_view change);

}  // namespace pellucid::methods
