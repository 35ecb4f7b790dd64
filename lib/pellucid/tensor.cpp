#include "pellucid/tensor.hpp"

#include "pellucid/error.hpp"

#include <algorithm>

namespace pellucid {

Tensor filled(const Shape& shape, float value) {
    Tensor tensor(shape);
    std::fill(tensor.data(), tensor.data() + tensor.size(), value);
    return tensor;
}

void reshape_to(Tensor& tensor, const Shape& shape) {
    if (tensor.shape() != shape) tensor.resize(shape);
}

std::span<float> sample(Tensor& tensor, std::size_t n) {
    const std::size_t size = sample_size(tensor);
    return {tensor.data() + n * size, size};
}

std::span<const float> sample(const Tensor& tensor, std::size_t n) {
    const std::size_t size = sample_size(tensor);
    return {tensor.data() + n * size, size};
}

std::span<float> elements(Tensor& tensor) { return {tensor.data(), tensor.size()}; }
std::span<const float> elements(const Tensor& tensor) { return {tensor.data(), tensor.size()}; }

Tensor batch_slice(const Tensor& tensor, std::size_t first, std::size_t count) {
    if (first + count > tensor.shape()[0]) {
        fail(ErrorCode::bad_shape, "samples {} to {} were asked of a batch of {}", first, first + count,
             tensor.shape()[0]);
    }
    Tensor slice(with_batch(tensor.shape(), count));
    const std::size_t size = sample_size(tensor);
    std::copy_n(tensor.data() + first * size, count * size, slice.data());
    return slice;
}

Tensor repeat(const Tensor& one, std::size_t count) {
    if (one.shape()[0] != 1) fail(ErrorCode::bad_shape, "one sample was expected, not a batch of {}", one.shape()[0]);
    Tensor many(with_batch(one.shape(), count));
    for (std::size_t n = 0; n < count; ++n) std::copy_n(one.data(), one.size(), sample(many, n).data());
    return many;
}

std::string to_string(const Shape& shape) {
    return fmt::format("({}, {}, {}, {})", shape[0], shape[1], shape[2], shape[3]);
}

}  // namespace pellucid
