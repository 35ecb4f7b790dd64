/// A training set that a tiny network learns in a few steps: 10×10 images of a bar, lying, standing or slanted, in
/// noise.
#pragma once

#include "pellucid/data/mnist.hpp"
#include "pellucid/random.hpp"
#include "pellucid/train/recipe.hpp"

inline pellucid::LabelledImages bars(std::size_t count, std::uint32_t seed) {
    constexpr std::size_t side = 10;
    pellucid::Random random(seed);
    pellucid::LabelledImages data;
    data.images = {count, side, side, std::vector<std::uint8_t>(count * side * side)};
    for (std::size_t n = 0; n < count; ++n) {
        const std::size_t label = n % 3;
        const std::size_t place = 3 + random.below(4);
        std::uint8_t* image = data.images.pixels.data() + n * side * side;
        for (std::size_t i = 0; i < side * side; ++i) image[i] = static_cast<std::uint8_t>(random.below(60));
        for (std::size_t i = 1; i < side - 1; ++i) {
            const std::size_t row = label == 0 ? place : i;
            const std::size_t column = label == 0 ? i : label == 1 ? place : (i + place) % side;
            image[row * side + column] = static_cast<std::uint8_t>(180 + random.below(76));
        }
        data.labels.push_back(static_cast<std::uint8_t>(label));
    }
    return data;
}

/// A network of a conv, a pool and a dense layer for them, with everything switched on that a recipe can ask for.
inline pellucid::train::Recipe bars_recipe() {
    return pellucid::train::parse_recipe(R"({
        "name": "bars", "title": "Bars", "data": {"train": "bars"}, "input": [10, 10, 1],
        "layers": [
            {"name": "conv1", "type": "conv", "channels": 6, "kernel": 3, "padding": 1},
            {"name": "relu1", "type": "relu"},
            {"name": "pool1", "type": "max_pool", "size": 2},
            {"name": "flatten", "type": "flatten"},
            {"name": "dropout", "type": "dropout", "rate": 0.1},
            {"name": "dense1", "type": "dense", "units": 3}
        ],
        "seed": 5, "epochs": 4, "batch": 50, "label_smoothing": 0.02, "ema": 0.9,
        "optimiser": {"type": "adam", "weight_decay": 0.01},
        "schedule": {"learning_rate": 0.02, "warm_up_epochs": 0.5},
        "augmentation": {"rotation": 5, "scale": 0.05, "translation": 0.5, "elastic": 0.3, "thicken": 0.3, "thin": 0.2}
    })",
                                         "the recipe");
}
