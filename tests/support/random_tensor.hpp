/// Random tensors for tests.
#pragma once

#include "pellucid/random.hpp"
#include "pellucid/tensor.hpp"

namespace pellucid::test {

/// Independent normal numbers.
inline Tensor random_tensor(const Shape& shape, Random& random, float deviation = 1.0F) {
    Tensor tensor(shape);
    for (float& value : elements(tensor)) value = deviation * random.normal();
    return tensor;
}

/// Independent numbers, uniform in [low, high).
inline Tensor uniform_tensor(const Shape& shape, Random& random, float low, float high) {
    Tensor tensor(shape);
    for (float& value : elements(tensor)) value = random.uniform(low, high);
    return tensor;
}

}  // namespace pellucid::test
