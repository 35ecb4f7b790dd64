/// A batch of labelled images and what an attack makes of them, each attacked as its own label.
#pragma once

#include "pellucid/methods/method.hpp"

#include <map>
#include <span>

namespace pellucid::cli {

/// What is known of one image.
struct ImageOutcome {
    std::size_t label = 0, predicted = 0;
    /// Under attack: the answer then, and the norms of the change. Of images that are not attacked, since their answer
    /// is wrong already, the answer that they have, and 0.
    std::size_t attacked = 0;
    double l0 = 0, l2 = 0, linf = 0;

    bool right() const { return predicted == label; }
    bool holds() const { return right() && attacked == label; }
};

/// Throws Error(bad_argument) where the method is no attack: one that gives another input first.
void check_attack(const Method& method);

/// The answer of every image; with an attack, also under it. Images that are answered wrongly are not attacked.
/// Targeted attacks lead to the class after the label. An input that no gradient reaches holds. Fewer than all where it
/// was interrupted: those that were done.
std::map<std::size_t, ImageOutcome> evaluate_batch(Explainer& explainer, const Method* attack, const Params* params,
                                                   const Tensor& images, std::span<const std::size_t> numbers,
                                                   std::span<const std::size_t> labels);

}  // namespace pellucid::cli
