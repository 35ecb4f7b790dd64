/// Adversarial data augmentation in rounds: train; make an adversarial image of every training image with the network
/// that came out; add them, with the right labels, to the set; train on. Goodfellow, Shlens, Szegedy: Explaining and
/// Harnessing Adversarial Examples (2015) mix such images in at every step; here the set is made once a round, as one
/// would collect it.
#pragma once

#include "pellucid/data/mnist.hpp"
#include "pellucid/train/defence.hpp"

namespace pellucid::train {

struct Rounds {
    std::size_t count = 0;   ///< rounds of adding; 0 = none, at most 20
    std::size_t epochs = 5;  ///< of training after each; 1 to 1e6
    float epsilon = 0.1F;    ///< as Defence has them
    float step_size = 0.0F;
    std::size_t steps = 10;

    bool operator==(const Rounds&) const = default;
    /// The attack that makes the images.
    Defence attack() const;
};

/// Throws Error(bad_argument) that names the first member out of its bounds.
void check(const Rounds& rounds);

/// An adversarial image for each image of the set, as bytes that stay within ε of it; the same labels.
LabelledImages adversarial_images(const Network& network, const LabelledImages& data, const Rounds& rounds,
                                  std::uint32_t seed, std::size_t round);

/// One set behind the other; both of images of one size.
void append(LabelledImages& data, const LabelledImages& more);

}  // namespace pellucid::train
