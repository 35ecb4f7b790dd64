/// Drawings that stand for the data where a method asks what holds over many inputs.
#pragma once

#include "pellucid/methods/method.hpp"

#include <vector>

namespace pellucid::methods {

struct ReferenceDrawings {
    Tensor images;                    ///< (M, H, W, C), as the network reads them; none: M is 0
    std::vector<std::size_t> labels;  ///< a class for each; none where they are not known
};

/// The first `most` of the data that were given, else of the built-in pen digits where the network reads 28×28 in one
/// channel, else none. Throws Error(bad_shape) where the data that were given are no inputs of the network.
ReferenceDrawings reference_drawings(const Request& request, std::size_t most);

}  // namespace pellucid::methods
