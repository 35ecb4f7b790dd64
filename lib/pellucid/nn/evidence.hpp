/// Evidential output: logits that are read as evidence, so that a network can say that it does not know.
///
/// A network whose metadata name an evidence function f ("evidence_function": "relu" or "softplus") answers with a
/// Dirichlet distribution over the probabilities of its K classes instead of with one set of them:
///
///   evidence e_k = f(z_k) ≥ 0,  α_k = e_k + 1,  strength S = Σ α_k
///   expected probability p_k = α_k/S,  its variance p_k(1 − p_k)/(S + 1)
///   belief b_k = e_k/S,  vacuity u = K/S: what no class has evidence for; Σ b_k + u = 1
///
/// No evidence at all is u = 1 and p_k = 1/K. Training puts the metadata there (train/loss.hpp); they travel with the
/// ONNX file. Sensoy, Kaplan, Kandemir: Evidential Deep Learning to Quantify Classification Uncertainty (2018).
#pragma once

#include "pellucid/nn/network.hpp"

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace pellucid {

inline constexpr const char* evidence_key = "evidence_function";

enum class Evidence : std::uint8_t { none, relu, softplus };
/// The names in metadata and recipes, in the order of the enumerators.
std::span<const std::string_view> evidence_names();

/// What the network's metadata say. Throws Error(bad_file) where they name another function, or where the network does
/// not end in the logits of two classes or more.
Evidence evidence_of(const Network& network);

/// f and its derivative.
double evidence_at(Evidence function, double z);
double evidence_slope(Evidence function, double z);

/// What the logits of one sample say; `function` is not none.
struct Dirichlet {
    std::vector<double> alpha;
    double strength = 0.0;  ///< S

    Dirichlet(Evidence function, std::span<const float> logits);
    double probability(std::size_t k) const { return alpha[k] / strength; }
    double variance(std::size_t k) const { return probability(k) * (1 - probability(k)) / (strength + 1); }
    double vacuity() const { return static_cast<double>(alpha.size()) / strength; }
};

}  // namespace pellucid
