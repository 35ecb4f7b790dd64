// What TrainingOptions mean: bounds, and the optimiser they ask for.
#include "pellucid/error.hpp"
#include "pellucid/train/recipe.hpp"

namespace pellucid::train {

namespace {

// Above it no training is one; and what is bounded cannot overflow.
constexpr float most_rate = 1000.0F;

void require(bool good, std::string_view sentence) {
    if (!good) fail(ErrorCode::bad_argument, "{}", sentence);
}

}  // namespace

void check(const TrainingOptions& options) {
    require(options.epochs <= 1'000'000, "epochs must be at most 1000000");
    require(options.batch >= 1, "batch must be at least 1");
    require(options.batch <= 65'536, "batch must be at most 65536");
    require(options.label_smoothing >= 0 && options.label_smoothing < 1,
            "label_smoothing must be at least 0 and below 1");
    require(options.average_decay >= 0 && options.average_decay < 1, "ema must be at least 0 and below 1");
    require(options.schedule.learning_rate > 0, "learning_rate must be above 0");
    require(options.schedule.learning_rate <= most_rate, "learning_rate must be at most 1000");
    require(options.schedule.final_learning_rate >= 0 &&
                options.schedule.final_learning_rate <= options.schedule.learning_rate,
            "final_learning_rate must be from 0 to learning_rate");
    require(options.schedule.warm_up_epochs >= 0, "warm_up_epochs must be at least 0");
    require(options.schedule.warm_up_epochs <= 1'000'000, "warm_up_epochs must be at most 1000000");
    require(options.schedule.cool_down_epochs >= 0, "cool_down_epochs must be at least 0");
    require(options.schedule.cool_down_epochs <= 1'000'000, "cool_down_epochs must be at most 1000000");
    require(options.schedule.cool_down_epochs == 0 || !options.schedule.cosine,
            "cool_down_epochs is of the constant schedule; the cosine goes down by itself");
    if (const auto* adam = std::get_if<optimise::Adam::Options>(&options.optimiser)) {
        require(adam->beta1 >= 0 && adam->beta1 < 1, "beta1 must be at least 0 and below 1");
        require(adam->beta2 >= 0 && adam->beta2 < 1, "beta2 must be at least 0 and below 1");
        require(adam->epsilon > 0, "epsilon must be above 0");
        require(adam->epsilon <= most_rate, "epsilon must be at most 1000");
        require(adam->weight_decay >= 0, "weight_decay must be at least 0");
        require(adam->weight_decay <= most_rate, "weight_decay must be at most 1000");
    } else {
        const auto& sgd = std::get<optimise::Sgd::Options>(options.optimiser);
        require(sgd.momentum >= 0 && sgd.momentum < 1, "momentum must be at least 0 and below 1");
        require(sgd.weight_decay >= 0, "weight_decay must be at least 0");
        require(sgd.weight_decay <= most_rate, "weight_decay must be at most 1000");
    }
    check(options.augmentation);
    check(options.defence);
    check(options.loss);
    if (options.loss.type == Loss::Type::evidential) {
        require(options.label_smoothing == 0,
                "label_smoothing must be 0 with the evidential loss, which takes sure labels");
        require(options.defence.type == Defence::Type::none,
                "the evidential loss goes with no defence: these are of cross-entropy");
    }
}

std::unique_ptr<optimise::Optimiser> make_optimiser(const TrainingOptions& options) {
    check(options);
    if (const auto* adam = std::get_if<optimise::Adam::Options>(&options.optimiser)) {
        return std::make_unique<optimise::Adam>(*adam);
    }
    return std::make_unique<optimise::Sgd>(std::get<optimise::Sgd::Options>(options.optimiser));
}

}  // namespace pellucid::train
