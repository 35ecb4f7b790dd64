#include "pellucid/nn/onnx/form.hpp"

namespace pellucid::onnx {

Form flattened(const Form& form, const Shape& shape) {
    if (form.axes == Axes::vector) return form;
    const bool same_order = form.axes == Axes::nhwc || shape[3] == 1 || shape[1] * shape[2] == 1;
    return {Axes::vector, same_order ? Shape{} : with_batch(shape, 1)};
}

std::vector<std::size_t> our_places(const Shape& flattened) {
    const auto [n, h, w, c] = flattened;
    std::vector<std::size_t> places;
    places.reserve(element_count(flattened));
    for (std::size_t channel = 0; channel < c; ++channel) {
        for (std::size_t position = 0; position < h * w; ++position) places.push_back(position * c + channel);
    }
    return places;
}

}  // namespace pellucid::onnx
