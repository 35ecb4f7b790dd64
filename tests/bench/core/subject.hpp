/// pellucid's side of the comparison: one network and the works that are measured on it, for the native driver and for
/// the WebAssembly module alike. Every work takes its input as numbers and leaves its answer as numbers.
#pragma once

#include "pellucid/methods/method.hpp"
#include "pellucid/nn/patch_evaluator.hpp"
#include "pellucid/nn/predictor.hpp"
#include "pellucid/train/trainer.hpp"

#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace pellucid::bench {

class Subject {
public:
    Subject(Network network, std::size_t target);

    /// Logits of a batch (N, 28, 28, 1).
    const Tensor& forward(const Tensor& images);
    /// logit[target] with a window of zeros at every pixel, cut off at the edge.
    std::span<const float> occlusion(const Tensor& image, std::size_t window);
    /// A forward pass and ∂logit[target]/∂input.
    const Tensor& gradient(const Tensor& image);
    /// A forward pass that records what a backward pass needs.
    const Tensor& trace(const Tensor& image);
    /// A method with its defaults but for `params` ("name=value,…"); the map.
    const Tensor& explain(std::string_view method, std::string_view params, const Tensor& image);

    /// Adam at a rate of 1e-3 on one batch from the present weights.
    void start_training(std::span<const std::uint8_t> images, std::span<const std::uint8_t> labels);
    /// One step; the mean loss before it.
    double train();

private:
    Explainer explainer_;
    Target target_;
    PatchEvaluator patches_;
    Tensor paper_;
    Predictor predictor_;
    std::vector<float> values_;
    Result result_;
    LabelledImages data_;
    std::optional<train::Trainer> trainer_;
};

}  // namespace pellucid::bench
