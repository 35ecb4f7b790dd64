/// Forward passes that leave no trace: faster than Network::forward, and to rounding the same.
///
/// What a trace would keep between a convolution and the ReLU and the 2×2 max pooling behind it never gets to memory,
/// large batches are cut into pieces that stay in the cache and are shared among the threads, and 3×3 convolutions take
/// their fast form where it wins (simd/winograd.hpp). That form rounds differently at neighbouring pixels even where the
/// image is flat, which is why traces, whose ties decide what backward passes see, do not take it (what alone asks for an
/// input's gradient may, at the last max-pool: nn/stages.hpp).
#pragma once

#include "pellucid/nn/layers/convolution.hpp"
#include "pellucid/nn/network.hpp"
#include "pellucid/parallel.hpp"

#include <memory>

namespace pellucid {

class Predictor {
public:
    /// Evaluates the value `until`, by default the logits. The network must outlive the predictor and keep its layers
    /// and weights.
    explicit Predictor(const Network& network) : Predictor(network, network.logits()) {}
    Predictor(const Network& network, ValueId until);

    /// The value for a batch of any size, (N, h, w, c); valid until the next call. Repeated calls with batches of one
    /// size allocate nothing. Throws Error(bad_shape) for inputs that do not fit.
    const Tensor& operator()(const Tensor& input);

private:
    /// A node, together with what follows it at once; `value` is what the last of them puts out.
    struct Stage {
        std::size_t node;
        ValueId value;
        detail::Then then = {};
        const Conv2d* conv = nullptr;
        const simd::PackedWeights* weights = nullptr;  ///< of a convolution or dense layer
        const float* bias = nullptr;
    };
    /// What one thread computes with.
    struct Lane {
        std::size_t count;  ///< samples in its values
        std::vector<Tensor> values;
        std::vector<Record> records;
    };

    Stage stage_from(std::size_t node) const;
    std::size_t follow(Stage& stage) const;
    std::unique_ptr<Lane> take_lane(std::size_t count);
    void give_back(std::unique_ptr<Lane> lane);
    const Tensor& run(Lane& lane, const Tensor& all, std::size_t first, std::size_t count) const;
    void evaluate(const Stage& stage, std::span<const Tensor* const> inputs, Tensor& output, Record& record) const;

    const Network& network_;
    ValueId until_;
    std::size_t piece_;
    std::vector<Stage> stages_;
    Mutex lock_;
    std::vector<std::unique_ptr<Lane>> idle_;
    Tensor answer_;
};

}  // namespace pellucid
