/// A network in which channels of a layer are switched off for good, so that every method can be asked about it.
#pragma once

#include "pellucid/nn/network.hpp"

#include <span>
#include <string_view>

namespace pellucid::methods {

/// The network with these channels of a value multiplied by `factor`: an Affine named "NAME_without" behind it, which all
/// that read it read instead. Names of layers stay what they were; the layer itself still puts out what it did.
/// Throws Error(bad_argument) where there is no such channel, or the name is taken.
Network without_channels(const Network& network, ValueId layer, std::span<const std::size_t> channels,
                         double factor = 0);

/// The same from a text, "conv2/3;7" or "conv2/all": "LAYER/CHANNEL;CHANNEL…". Throws Error(bad_argument) that says what
/// would be right.
Network without_channels(const Network& network, std::string_view text);

}  // namespace pellucid::methods
