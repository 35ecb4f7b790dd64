/// Checkpoints: a training's state and its recipe in one file, so that an interrupted training goes on where it
/// stopped.
///
/// File: "pellucid checkpoint 1\n", SHA-256 of the rest (64 hex digits), length of the recipe (8 bytes, little-endian),
/// the recipe as to_json() writes it, Training::save()'s bytes.
#pragma once

#include "pellucid/train/training.hpp"

#include <string>

namespace pellucid::train {

/// Replaces the file in one step (data/file.hpp), so that there is a whole checkpoint at any time.
void write_checkpoint(const std::string& path, const Recipe& recipe, const Training& training);

/// Brings `training`, made from `recipe`, to where the checkpoint stands. Throws Error(bad_file) where the file cannot
/// be read, is damaged, or was made with another recipe, naming the first line that differs.
void read_checkpoint(const std::string& path, const Recipe& recipe, Training& training);

/// The same from bytes; `name` is what messages call them.
void parse_checkpoint(std::span<const std::uint8_t> file, const std::string& name, const Recipe& recipe,
                      Training& training);

/// What a checkpoint holds behind its checksum, and a file of it: magic and checksum before it.
Bytes checkpoint_body(const Recipe& recipe, const Training& training);
Bytes seal_checkpoint(std::span<const std::uint8_t> body);

}  // namespace pellucid::train
