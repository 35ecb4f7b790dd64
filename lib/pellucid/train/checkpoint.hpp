/// Checkpoints: a training's state and its recipe in one file, so that an interrupted training goes on where it stopped.
///
/// File: "pellucid checkpoint 1\n", SHA-256 of the rest (64 hex digits), length of the recipe (8 bytes, little-endian),
/// the recipe as to_json() writes it, Trainer::save()'s bytes.
#pragma once

#include "pellucid/train/trainer.hpp"

#include <string>

namespace pellucid::train {

/// Replaces the file in one step (data/file.hpp), so that there is a whole checkpoint at any time.
void write_checkpoint(const std::string& path, const Recipe& recipe, const Trainer& trainer);

/// Brings `trainer`, made from `recipe`, to where the checkpoint stands. Throws Error(bad_file) where the file cannot be
/// read, is damaged, or was made with another recipe, naming the first line that differs.
void read_checkpoint(const std::string& path, const Recipe& recipe, Trainer& trainer);

}  // namespace pellucid::train
