/// The attacked network, as attacks ask it: batches of inputs in, logits out, and gradients of what is made of them.
#pragma once

#include "pellucid/backward/input_gradient.hpp"

#include <cstdint>
#include <span>

namespace pellucid::methods {

/// What attacks by gradient climb (descend where targeted).
enum class AttackLoss : std::uint8_t {
    cross_entropy,  ///< the loss of the network's head (nn/head.hpp)
    margin  ///< the lead of the best other class over the label; targeted: of the wanted class over the best other
};

/// One output that decides alone has two answers, 0 (no) and 1 (yes), whose scores are 0 and the logit; otherwise
/// answers are classes, and scores their logits. Not thread-safe.
class Victim {
public:
    /// Samples of a large batch that are best asked about at once: what their passes leave then stays in the cache.
    static constexpr std::size_t piece = 8;

    /// The network must outlive this.
    explicit Victim(const Network& network) : network_(network), pass_(network) {}

    const Network& network() const { return network_; }
    std::size_t answers() const { return network_.classes() == 1 ? 2 : network_.classes(); }

    /// Of a batch, (N, 1, 1, classes); valid until the next call.
    const Tensor& logits(const Tensor& x);
    /// ∂(Σ seed·logits)/∂x of that batch, as often as wanted; `seed` shaped as the logits. Valid until the next call.
    const Tensor& gradient(const Tensor& seed) { return pass_.backward(seed); }

    // The rest is about one sample's logits z.

    /// The answer that z gives.
    std::size_t answer(std::span<const float> z) const;
    double score(std::span<const float> z, std::size_t answer) const;
    /// Of the answers other than `label` the one with the highest score (the first of equals).
    std::size_t best_other(std::span<const float> z, std::size_t label) const;
    /// How far the attack is past the boundary: score of the best other answer less that of the label, or, targeted,
    /// the other way round. Above 0 it has succeeded, below 0 it has not.
    double lead(std::span<const float> z, std::size_t label, bool targeted) const;
    bool fooled(std::span<const float> z, std::size_t label, bool targeted) const {
        return (answer(z) == label) == targeted;
    }

    /// Adds weight·∂(score of that answer)/∂z.
    void add_score(std::size_t answer, float weight, std::span<float> seed) const;
    /// A positive multiple of the direction in which the logits should move: along the loss's gradient, or against it
    /// where targeted. Its largest element is near 1 however sure the network is, so that nothing is lost to rounding.
    void climb(AttackLoss loss, std::span<const float> z, std::size_t label, bool targeted,
               std::span<float> seed) const;

private:
    const Network& network_;
    InputGradient pass_;
};

}  // namespace pellucid::methods
