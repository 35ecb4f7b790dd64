/// Predictions: forward passes that leave no trace. What a trace would keep between a convolution and the ReLU and the
/// 2×2 max pooling behind it never gets to memory, and large batches are cut into pieces that stay in the cache.
#include "pellucid/error.hpp"
#include "pellucid/nn/check_input.hpp"
#include "pellucid/nn/layers/convolution.hpp"
#include "pellucid/nn/layers/dense.hpp"
#include "pellucid/nn/network.hpp"
#include "pellucid/parallel.hpp"

#include <algorithm>

namespace pellucid {

namespace {

/// A node, together with what follows it at once; `value` is what the last of them puts out.
struct Stage {
    std::size_t node;
    detail::Then then;
    ValueId value;
};

constexpr std::size_t nobody = static_cast<std::size_t>(-1);

class Plan {
public:
    explicit Plan(const Network& network) : network_(network), values_(network.logits() + 1) {
        std::vector<bool> done(network.logits(), false);
        for (std::size_t node = 0; node < network.logits(); ++node) {
            if (done[node]) continue;
            Stage stage{node, {}, node + 1};
            for (std::size_t next = follow(stage); next != nobody; next = follow(stage)) {
                stage.value = next + 1;
                done[next] = true;
            }
            stages_.push_back(stage);
        }
    }

    /// Samples whose largest value takes half a megabyte: two neighbouring values stay in the second-level cache. Not
    /// below 8, because a dense layer reads all of its weights once per piece.
    std::size_t piece() const {
        constexpr std::size_t floats = std::size_t{1} << 17U;
        std::size_t largest = sample_size(network_.input_shape());
        for (const Stage& stage : stages_) largest = std::max(largest, sample_size(network_.shape(stage.value)));
        return std::clamp<std::size_t>(floats / largest, 8, 64);
    }

    /// Logits of one piece, valid until the next call.
    const Tensor& run(const Tensor& all, std::size_t first, std::size_t count) {
        const Tensor* input = &all;
        if (count != all.shape()[0] || stages_.empty()) {
            reshape_to(values_[0], with_batch(network_.input_shape(), count));
            std::copy_n(sample(all, first).data(), values_[0].size(), values_[0].data());
            input = values_.data();
        }
        std::vector<const Tensor*> inputs;
        for (const Stage& stage : stages_) {
            inputs.clear();
            for (const ValueId value : network_.nodes()[stage.node].inputs) {
                inputs.push_back(value == 0 ? input : &values_[value]);
            }
            reshape_to(values_[stage.value], with_batch(network_.shape(stage.value), count));
            evaluate(stage, inputs, values_[stage.value]);
        }
        return values_.back();
    }

private:
    /// The node that can join the stage: it alone reads the stage's value.
    std::size_t follow(Stage& stage) const {
        const Layer& layer = *network_.nodes()[stage.node].layer;
        const bool conv = dynamic_cast<const Conv2d*>(&layer) != nullptr;
        if (!conv && layer.kind() != Kind::dense) return nobody;
        const std::size_t node = only_reader(stage.value);
        if (node == nobody) return nobody;
        const Layer* next = network_.nodes()[node].layer.get();
        const auto* activation = dynamic_cast<const Activation*>(next);
        if (activation != nullptr && activation->function() == Activation::Function::relu) {
            stage.then.fuse = simd::Fuse::relu;  // also behind the pooling: the two commute
            return node;
        }
        const auto* pool = dynamic_cast<const MaxPool2d*>(next);
        if (conv && !stage.then.pool && pool != nullptr && halves(pool->window(), network_.shape(stage.value))) {
            stage.then.pool = true;
            return node;
        }
        return nobody;
    }

    static bool halves(const Window& window, const Shape& shape) {
        const bool even = shape[1] % 2 == 0 && shape[2] % 2 == 0;
        return window.h == 2 && window.w == 2 && window.stride == Stride{2, 2} && window.padding == Padding{} &&
               (even || !window.ceil);
    }

    std::size_t only_reader(ValueId value) const {
        if (value == network_.logits()) return nobody;
        std::size_t found = nobody;
        for (std::size_t node = value; node < network_.nodes().size(); ++node) {
            for (const ValueId read : network_.nodes()[node].inputs) {
                if (read != value) continue;
                if (found != nobody) return nobody;
                found = node;
            }
        }
        return found < network_.logits() ? found : nobody;
    }

    void evaluate(const Stage& stage, std::span<const Tensor* const> inputs, Tensor& output) const {
        const Layer& layer = *network_.nodes()[stage.node].layer;
        const Shape before = with_batch(network_.shape(stage.node + 1), output.shape()[0]);
        if (const auto* conv = dynamic_cast<const Conv2d*>(&layer)) {
            const PreparedWeights& weights = conv->prepared();
            detail::correlate(detail::correlation_of(*conv, inputs[0]->shape(), before), *inputs[0], weights.forward,
                              detail::data_or_null(weights.bias), output, stage.then);
        } else if (const auto* dense = dynamic_cast<const Dense*>(&layer)) {
            const PreparedWeights& weights = dense->prepared();
            detail::multiply(*inputs[0], weights.forward, detail::data_or_null(weights.bias), output, stage.then.fuse);
        } else {
            Record record;
            layer.forward(inputs, output, record);
        }
    }

    const Network& network_;
    std::vector<Stage> stages_;
    std::vector<Tensor> values_;
};

}  // namespace

Tensor predict_logits(const Network& network, const Tensor& input) {
    detail::check_input(network, input);
    const std::size_t batch = input.shape()[0];
    Tensor logits(with_batch(network.shape(network.logits()), batch));
    const std::size_t piece = Plan(network).piece();
    const std::size_t pieces = (batch + piece - 1) / piece;
    parallel_for(pieces, 1, [&](std::size_t first, std::size_t last) {
        Plan plan(network);
        for (std::size_t i = first; i < last; ++i) {
            const std::size_t begin = batch * i / pieces;
            const Tensor& part = plan.run(input, begin, batch * (i + 1) / pieces - begin);
            std::copy_n(part.data(), part.size(), sample(logits, begin).data());
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
