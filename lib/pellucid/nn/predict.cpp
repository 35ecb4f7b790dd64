#include "pellucid/error.hpp"
#include "pellucid/nn/layers.hpp"
#include "pellucid/nn/predictor.hpp"

#include <algorithm>

namespace pellucid {

Tensor predict_logits(const Network& network, const Tensor& input) { return Predictor(network)(input); }

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
