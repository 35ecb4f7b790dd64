/// A network described by a list of layers, as recipes write it, and the network built from it.
#pragma once

#include "pellucid/nn/network.hpp"

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace pellucid::train {

/// One layer. Which sizes count depends on the type; see layer_types().
struct LayerSpec {
    std::string name;
    std::string type;
    std::vector<std::string> inputs = {};  ///< names of what it reads; empty = the layer before; "input" = the image
    std::size_t units = 0;                 ///< conv, conv_transpose: output channels; dense: outputs
    std::size_t size = 0;                  ///< conv: kernel; pools: window (both square)
    std::size_t stride = 0;                ///< conv: 1 where 0; pools: size where 0
    std::size_t padding = 0;               ///< conv: zeros on each side
    float rate = 0.0F;                     ///< dropout: rate; leaky_relu: slope

    bool operator==(const LayerSpec&) const = default;
};

/// What a type of layer is called and which members of LayerSpec it takes beside name, type and inputs.
struct LayerType {
    std::string_view type;
    std::vector<std::string_view> sizes;
};
std::span<const LayerType> layer_types();

/// The network, all weights 0. input: (1, h, w, c). Errors name the layer, also one that would take the memory: at most
/// 2²⁶ weights in all, 2²⁶ values in one layer and 2²⁸ in all for one image, paddings up to 4096.
Network build_network(const Shape& input, std::span<const LayerSpec> layers);

/// The same network without its Dropout layers, which do nothing after training. Keeps metadata.
Network without_dropout(const Network& network);

}  // namespace pellucid::train
