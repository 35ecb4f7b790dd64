#include "pellucid/nn/fusing.hpp"

#include "pellucid/nn/layers.hpp"

namespace pellucid::detail {

std::size_t only_reader(const Network& network, ValueId value, ValueId until) {
    if (value == until) return no_such_node;
    const std::vector<std::size_t>& readers = network.readers(value);
    const bool alone = !readers.empty() && readers[0] < until && (readers.size() == 1 || readers[1] >= until);
    return alone ? readers[0] : no_such_node;
}

bool rectifies(const Layer& layer) {
    const auto* activation = dynamic_cast<const Activation*>(&layer);
    return activation != nullptr && activation->function() == Activation::Function::relu;
}

bool halves(const Layer& layer, const Shape& image) {
    const auto* pool = dynamic_cast<const MaxPool2d*>(&layer);
    if (pool == nullptr) return false;
    const Window& window = pool->window();
    // With ceil an odd side ends in half a window, which the kernels do not know.
    const bool tiles = !window.ceil || (image[1] % 2 == 0 && image[2] % 2 == 0);
    return window.h == 2 && window.w == 2 && window.stride == Stride{2, 2} && window.padding == Padding{} && tiles;
}

}  // namespace pellucid::detail
