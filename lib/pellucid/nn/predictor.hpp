/// Forward passes that record nothing for a backward pass: faster than Network::forward, and equal to it up to
/// rounding.
///
/// Three things make it faster. A convolution, its ReLU and its 2×2 max-pool are one kernel, so the values between them
/// are never written to memory. A large batch is cut into pieces that fit into the cache and are shared among the
/// threads. And 3×3 convolutions use Winograd's form where that is faster (simd/winograd.hpp).
///
/// Winograd's form rounds differently at neighbouring pixels even where the image is flat. Recorded passes do not use
/// it, because a max-pool's choice among equal values decides where a backward pass goes; nn/stages.hpp says where a
/// pass that is only asked for the input's gradient may use it nevertheless.
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
    /// A node together with the nodes that are fused into it; `value` is the output of the last of them.
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
