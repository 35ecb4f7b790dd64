/// Small networks of many forms, for tests that should hold for all of them.
#pragma once

#include "pellucid/nn/network.hpp"

#include <cstdint>

namespace pellucid::test {

struct RandomNetworkOptions {
    bool batch_norm = true;  ///< some networks have batch norms (always right behind a Conv)
    bool residual = true;    ///< some have a residual block
    bool max_pool = true;    ///< some pool by maximum; otherwise by mean
    bool dense = true;       ///< some end in dense layers; otherwise all in global average pooling and a dense layer
    bool softmax = false;    ///< all end with a softmax
};

/// A network drawn from `seed`: one to three convolutions (kernels 1 to 5, strides, symmetric and one-sided padding)
/// with ReLU, pooling, a residual sum, and a head. Weights keep the signal's size; biases are not zero. Inputs are
/// small images of 1 to 3 channels; there are 3 to 10 classes.
Network random_network(std::uint32_t seed, const RandomNetworkOptions& options = {});

/// A batch for it: values between 0 and 1.
Tensor random_batch(const Network& network, std::size_t count, std::uint32_t seed);

}  // namespace pellucid::test
