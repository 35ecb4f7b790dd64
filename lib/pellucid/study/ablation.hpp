/// Training without a feature: what a network can still learn when something is taken out of all its images.
///
/// A region, the blur of the strokes' edges or the quantity of ink is taken out of training and test images alike, a
/// fresh network is trained, and its accuracy is what the rest is worth. Remove and retrain (ROAR, Hooker et al. 2019)
/// does the same with the pixels of each image that a method ranks highest: where a method finds what matters, little
/// can be learned from what is left. `pellucid ablate` and the method ablation_test both run it.
#pragma once

#include "pellucid/data/mnist.hpp"
#include "pellucid/study/ranking.hpp"
#include "pellucid/train/training_run.hpp"

#include <memory>
#include <optional>
#include <string>

namespace pellucid::study {

/// What is taken out of all images before a training.
struct Removal {
    enum class Kind : std::uint8_t { nothing, feature, ranked };

    Kind kind = Kind::nothing;
    std::string without = "nothing";  ///< the feature's id; of ranked pixels the method's, or "chance"
    double share = 0;                 ///< of the pixels, ranked only

    /// "the upper half", "the 20 % of pixels first by gradient"
    std::string words() const;
};

/// Trainings of the same network, each without something. Each goes step by step, so that it can be watched and
/// stopped.
class Ablation {
public:
    /// What is trained: the network's layers with new weights, drawn by the options' seed.
    struct Subject {
        Network network;
        train::TrainingOptions options;
        LabelledImages training, test;
    };

    /// `ranks`: whose answers methods explain to rank pixels by; may be null where none does, and must outlive this.
    explicit Ablation(Subject subject, const Network* ranks = nullptr);
    Ablation(const Ablation&) = delete;
    Ablation& operator=(const Ablation&) = delete;

    const Subject& subject() const { return subject_; }

    /// How many steps it takes from here: fewer where its method's ranking is there.
    std::size_t parts(const Removal& removal) const;

    /// Begins a training. The rankings of the method before are kept, for another share by the same one.
    void begin(const Removal& removal);
    /// The next step: pixels of some images are ranked, or a batch is trained with. False when none is left.
    bool step();
    /// From 0 to 1.
    double progress() const;
    /// On the test images, of the network that was trained; nothing before the end.
    std::optional<double> accuracy() const { return accuracy_; }

private:
    void begin_training();

    Subject subject_;
    const Network* ranks_;
    std::string ranked_by_;
    std::optional<Ranking> of_training_, of_test_;
    Removal removal_;
    std::unique_ptr<train::TrainingRun> run_;
    LabelledImages test_;  ///< without what was removed
    std::size_t done_ = 0, parts_ = 0;
    std::optional<double> accuracy_;
};

/// The first `count` images (all for 0, or where there are fewer).
LabelledImages first_of(const LabelledImages& data, std::size_t count);

}  // namespace pellucid::study
