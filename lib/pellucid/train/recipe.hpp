/// A recipe: everything that decides what a training gives, so that anybody can repeat it.
#pragma once

#include "pellucid/data/cues.hpp"
#include "pellucid/optimise/optimiser.hpp"
#include "pellucid/optimise/schedule.hpp"
#include "pellucid/train/architecture.hpp"
#include "pellucid/train/augment.hpp"
#include "pellucid/train/defence.hpp"
#include "pellucid/train/loss.hpp"
#include "pellucid/train/rounds.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace pellucid::train {

/// How a network is trained, whatever its architecture and data.
struct TrainingOptions {
    std::uint32_t seed = 1;
    std::size_t epochs = 10;       ///< 0 = the weights stay as they are drawn
    std::size_t batch = 128;       ///< ≥ 1
    float label_smoothing = 0.0F;  ///< [0, 1)
    std::variant<optimise::Adam::Options, optimise::Sgd::Options> optimiser;
    optimise::Schedule schedule;
    Augmentation augmentation;
    Loss loss;
    Defence defence;
    float average_decay = 0.0F;  ///< of the average of weights; [0, 1), 0 = none
    bool keep_dropout = false;   ///< the trained network keeps its Dropout layers, for answers that are drawn by chance
};

/// Throws Error(bad_argument) that names the first option out of its bounds.
void check(const TrainingOptions& options);

std::unique_ptr<optimise::Optimiser> make_optimiser(const TrainingOptions& options);

struct Recipe {
    /// What is trained: a network that reads, one that cleans pictures, or one that makes them
    /// (train/picture_trainer.hpp).
    enum class Kind : std::uint8_t { classifier, denoiser, gan };

    Kind kind = Kind::classifier;
    std::string name;            ///< the model's id: "lenet"
    std::string title;           ///< one line for people
    std::string data = "mnist";  ///< training set
    Cues cues;                   ///< what is put beside the shapes of its images
    Shape input{1, 28, 28, 1};
    std::vector<LayerSpec> layers;       ///< of a GAN the generator's, whose input is the code
    float noise = 0.5F;                  ///< denoiser: σ, > 0
    std::vector<LayerSpec> critic = {};  ///< GAN: what the generator is trained against; ends in one number
    float penalty = 1.0F;                ///< GAN: γ, ≥ 0
    std::size_t penalty_every = 8;       ///< GAN: steps from one penalty to the next, ≥ 1
    TrainingOptions training;
    Rounds rounds;
};

/// From JSON text. `source` is what messages call it. Unknown keys, wrong types and values out of range are
/// Error(bad_file) that say where, and what is allowed.
Recipe parse_recipe(std::string_view text, const std::string& source);

/// Reads a recipe file.
Recipe read_recipe(const std::string& path);

/// The recipe as JSON with every option spelled out; equal recipes give equal text.
std::string to_json(const Recipe& recipe);

}  // namespace pellucid::train
