/// Networks that together hold every layer, and every way in which features can be ordered.
#pragma once

#include "pellucid/nn/network.hpp"

#include <string>
#include <vector>

namespace pellucid::test {

struct NamedNetwork {
    std::string name;
    Network network;
};

/// The same ones every time: hand-made ones, then random ones.
std::vector<NamedNetwork> onnx_networks();

}  // namespace pellucid::test
