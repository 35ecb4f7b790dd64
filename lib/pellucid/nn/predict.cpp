#include "pellucid/error.hpp"
#include "pellucid/nn/layers.hpp"
#include "pellucid/nn/network.hpp"
#include "pellucid/parallel.hpp"

#include <algorithm>

namespace pellucid {

namespace {

/// Samples whose largest value takes about half a megabyte: two neighbouring values stay in the second-level cache.
/// Not below 8, because a dense layer reads all of its weights once per piece.
std::size_t piece_size(const Network& network) {
    constexpr std::size_t floats = std::size_t{1} << 17U;
    std::size_t largest = 1;
    for (ValueId value = 0; value <= network.logits(); ++value) {
        largest = std::max(largest, sample_size(network.shape(value)));
    }
    return std::clamp<std::size_t>(floats / largest, 8, 64);
}

}  // namespace

Tensor predict_logits(const Network& network, const Tensor& input) {
    const std::size_t batch = input.shape()[0];
    const std::size_t piece = piece_size(network);
    if (batch <= piece || with_batch(input.shape(), 1) != network.input_shape()) {
        Trace trace;
        network.forward(input, trace, network.logits());
        return std::move(trace.values[network.logits()]);
    }
    Tensor logits(with_batch(network.shape(network.logits()), batch));
    const std::size_t pieces = (batch + piece - 1) / piece;
    parallel_for(pieces, 1, [&](std::size_t first, std::size_t last) {
        Trace trace;
        trace.values.resize(network.nodes().size() + 1);
        for (std::size_t i = first; i < last; ++i) {
            const std::size_t begin = i * piece;
            const std::size_t count = std::min(piece, batch - begin);
            // The piece goes where forward() would copy it to.
            reshape_to(trace.values[0], with_batch(input.shape(), count));
            std::copy_n(sample(input, begin).data(), trace.values[0].size(), trace.values[0].data());
            network.forward(trace.values[0], trace, network.logits());
            const Tensor& result = trace.values[network.logits()];
            std::copy_n(result.data(), result.size(), sample(logits, begin).data());
        }
    });
    return logits;
}

std::vector<std::size_t> argmax(const Tensor& logits) {
    if (sample_size(logits) == 0) fail(ErrorCode::bad_shape, "{} has no largest element", to_string(logits.shape()));
    std::vector<std::size_t> indices;
    for (std::size_t n = 0; n < logits.shape()[0]; ++n) {
        const std::span<const float> values = sample(logits, n);
        indices.push_back(static_cast<std::size_t>(std::max_element(values.begin(), values.end()) - values.begin()));
    }
    return indices;
}

Tensor softmax(const Tensor& logits) {
    Tensor probabilities(logits.shape());
    const Tensor* input = &logits;
    Record record;
    Softmax().forward({&input, 1}, probabilities, record);
    return probabilities;
}

}  // namespace pellucid
