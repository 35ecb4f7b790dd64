/// What a network ends in: how its last numbers become probabilities.
///
/// The head is the last layer that has an effect, where that is a Softmax, a LogSoftmax or, for one position of
/// classes, a Sigmoid. Layers without effect (Flatten, Dropout; Identity and Reshape are read as such) may follow it.
/// The values before it are the logits z. What lies behind, class by class:
///
///   none, softmax, log_softmax   p = softmax(z); a single logit without head: p = 1/(1 + e^−z)
///   sigmoid                      p_k = 1/(1 + e^−z_k): one decision, or several independent ones
///   none, evidential             p_k = α_k/S, the expected probabilities (nn/evidence.hpp)
#pragma once

#include "pellucid/nn/network.hpp"

#include <span>
#include <vector>

namespace pellucid {

enum class Head { none, softmax, log_softmax, sigmoid };
/// "none", "softmax", "log_softmax", "sigmoid".
const char* to_string(Head head) noexcept;

Head head_of(const Network& network);

/// The value behind the head: the network's last one, or where only layers without effect follow, the one before these.
ValueId last_effect(const Network& network);

/// Whether each class is a decision of its own, p_k = 1/(1 + e^−z_k), rather than a share of one whole.
bool decides_singly(const Network& network);

/// Probabilities of one sample's logits, in double.
std::vector<double> probabilities(const Network& network, std::span<const float> logits);
/// Of a batch, (N, h, w, C) position by position.
Tensor probabilities(const Network& network, const Tensor& logits);

/// ∂p_k/∂z of one sample. Of one output alone k is 0.
void probability_gradient(const Network& network, std::span<const float> logits, std::size_t k,
                          std::span<float> gradient);

/// What one sample is taken for: the class of the largest logit (the first of equals); of a network with one decision
/// alone 1 where p ≥ ½, else 0.
std::size_t decision(const Network& network, std::span<const float> logits);
/// Of every sample of (N, 1, 1, C). Throws Error(bad_shape) where there is no class.
std::vector<std::size_t> decisions(const Network& network, const Tensor& logits);

/// The loss that belongs to the head, of a sample that should be answered `label`: −log p_label, or, where
/// classes are decided singly, binary cross-entropy −Σ_k log(k is the label ? p_k : 1 − p_k) (of one output: −log p for
/// the label 1, −log(1 − p) for 0). Writes ∂L/∂z; near p = 1 without cancellation.
void loss_gradient(const Network& network, std::span<const float> logits, std::size_t label, std::span<float> gradient);

}  // namespace pellucid
