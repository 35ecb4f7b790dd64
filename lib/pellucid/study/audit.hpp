/// Are the labels right? Cross-validation: every training image is answered by a network that never saw it, and the
/// test images by all of them; then confident learning (methods/data/confident.hpp).
#pragma once

#include "pellucid/data/mnist.hpp"
#include "pellucid/study/shard.hpp"
#include "pellucid/train/recipe.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace pellucid::study {

/// A small network that learns MNIST to about 99 % within seconds.
std::string_view audit_recipe();

struct AuditOptions {
    train::Recipe recipe;
    std::size_t folds = 5;
    std::string data_sha256;  ///< of images and labels
};

/// A study of audit: chunk k is the training of the network that does not see fold k.
class AuditPlan {
public:
    /// Data must outlive the plan. Throws Error(bad_argument) where there are fewer than two folds, or more than
    /// images.
    AuditPlan(AuditOptions options, const LabelledImages& training, const LabelledImages& test);

    std::size_t chunks() const { return options_.folds; }
    std::string description() const;

    /// Probabilities of the fold's images, in their order, and then of all test images. Where `stopped` it returns
    /// early, with fewer.
    Numbers compute(std::size_t fold, const std::function<bool()>& stopped) const;

private:
    AuditOptions options_;
    const LabelledImages& training_;
    const LabelledImages& test_;
};

/// Which fold each of `count` images is in: a shuffle by the seed, dealt out in turn.
std::vector<std::size_t> folds_of(std::size_t count, std::size_t folds, std::uint32_t seed);

/// The report of a finished study, as JSON: for training and test labels the share of right answers, the confident
/// joint, the estimated share of wrong labels, the `most` most suspicious labels, and the `most` least probable of all
/// that are answered otherwise. The same bytes whoever did which chunk.
/// Throws Error(bad_argument) where the data are not those of the study.
std::string audit_report(const Finished& study, const LabelledImages& training, const LabelledImages& test,
                         std::size_t most);

}  // namespace pellucid::study
