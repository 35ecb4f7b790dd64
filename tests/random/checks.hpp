/// What must hold for every network, whatever its structure. Each returns what is wrong, or nothing.
#pragma once

#include "pellucid/nn/network.hpp"

#include <string>

namespace pellucid::test {

/// A network, an input and its plain trace, with what is fair to expect of sums in float.
struct Subject {
    Network& network;
    const Tensor& input;
    Trace trace;
    /// Per value: the largest Σ|terms| among it and all that it depends on.
    std::vector<double> size;
    std::uint32_t seed;

    Subject(Network& of, const Tensor& x, std::uint32_t with);
};

/// Every layer's output, input gradient and parameter gradients against sums in double over the layer's own inputs.
std::string check_layers(Subject& subject);
/// ⟨f(x), v⟩ = ⟨x, fᵀv⟩ and the products of relevance rules, for layers with weights.
std::string check_adjoints(Subject& subject);
/// Predictor (fused, fast forms) against the trace, at every value.
std::string check_predictor(Subject& subject);
/// Stages (fused forward and backward passes) against layer by layer, from every value; points of a line; training.
std::string check_stages(Subject& subject);
std::string check_line(Subject& subject);
std::string check_training(Subject& subject);
/// The evaluator of patches against full passes, at every value.
std::string check_patches(Subject& subject);
/// Every sample of a batch is answered as it would be alone.
std::string check_batch(Subject& subject);
/// Written as ONNX and read again, it is the same function.
std::string check_onnx(Subject& subject);
/// With every BatchNorm merged that a layer beside it takes in, it is the same function.
std::string check_merged(Subject& subject);

/// Occlusion against covering every window, for networks with logits.
std::string check_occlusion(Subject& subject);
/// What sums to what: DeepLIFT to the difference from the baseline, and for `homogeneous` networks input × gradient and
/// LRP to the logit.
std::string check_sums(Subject& subject, bool homogeneous);

}  // namespace pellucid::test
