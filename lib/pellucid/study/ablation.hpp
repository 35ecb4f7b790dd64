/// Training without a feature: what a network can still learn when something is taken out of all its images.
///
/// A region, the blur of the strokes' edges and the quantity of ink are taken out of training and test images alike, a fresh
/// network is trained, and its accuracy is what the rest is worth. Remove and retrain (ROAR, Hooker et al. 2019) does the
/// same with the pixels of each image that a method ranks highest: where a method finds what matters, little can be learned
/// from what is left.
#pragma once

#include "pellucid/data/mnist.hpp"
#include "pellucid/methods/method.hpp"
#include "pellucid/train/recipe.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace pellucid::study {

/// Something that can be taken out of an image of bytes.
struct Feature {
    std::string_view id;    ///< "top"
    std::string_view what;  ///< "the upper half", for people
    void (*remove)(std::span<std::uint8_t> image, std::size_t rows, std::size_t columns);
};

/// top, bottom, left, right: a half of the picture becomes paper. middle: the middle half of rows and columns; rim: all but
/// that. blur: every pixel becomes ink or paper, at half. ink: all images are dimmed until the sum of their ink is that of
/// 20 full pixels.
std::span<const Feature> features();

/// Takes the feature out of all images.
void remove(const Feature& feature, ByteImages& images);

/// The pixels of every image in a method's order, the largest absolute value first, equal ones in the order of rows.
/// A method of several channels is ranked by the sum of their absolute values. Target: what the network answers.
class Ranking {
public:
    /// Throws Error(bad_argument) for a method whose first output is no map of what matters, Error(unsupported) for one
    /// that needs more than the network.
    static void check(const Method& method);
    /// `stop` is asked between batches; there is no ranking where it says yes. Throws as check().
    static std::optional<Ranking> by(const Method& method, const Network& network, const ByteImages& images,
                                     const std::function<bool()>& stop);
    /// An order drawn by chance, for comparison.
    static Ranking by_chance(const ByteImages& images, std::uint32_t seed);

    /// Makes the first `share` of the pixels of every image paper.
    void remove_first(double share, ByteImages& images) const;

private:
    std::vector<std::uint16_t> order_;  ///< images · pixels
};

/// Accuracy on `test` of a fresh network that the recipe trains on `training`; nothing where `stop`, asked between steps,
/// says yes. `progress` hears the share that is done.
std::optional<double> accuracy_without(const train::Recipe& recipe, const LabelledImages& training, const LabelledImages& test,
                                       const std::function<bool()>& stop, const std::function<void(double)>& progress);

/// The first `count` images (all for 0, or where there are fewer).
LabelledImages first_of(const LabelledImages& data, std::size_t count);

}  // namespace pellucid::study
