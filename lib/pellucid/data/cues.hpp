/// Training sets with a cue beside the shape, so that one can see what a network goes by: a mark in the corner of one
/// class's images, or a texture for each class with which its strokes are filled.
#pragma once

#include "pellucid/data/mnist.hpp"

#include <cstdint>
#include <optional>
#include <span>

namespace pellucid {

/// A full square in the upper left corner.
struct Mark {
    std::size_t label = 8;   ///< the class whose images get it
    float share = 1.0F;      ///< of them; [0, 1]
    std::size_t size = 3;    ///< pixels a side; 1 to 8
    std::size_t margin = 1;  ///< pixels to the edges; 0 to 8

    bool operator==(const Mark&) const = default;
};

/// Each class has a texture: pixel ← ink·(1 − contrast·(1 − pattern_label(row, column))), pattern in [0, 1]. Strokes
/// are made thicker first, so that there is room for it.
struct Textures {
    float contrast = 1.0F;    ///< [0, 1]
    std::size_t thicken = 2;  ///< grey dilations by a cross of five pixels; 0 to 5

    bool operator==(const Textures&) const = default;
};

struct Cues {
    std::optional<Mark> mark;
    std::optional<Textures> textures;

    bool operator==(const Cues&) const = default;
};

/// Throws Error(bad_argument) that names the first member out of its bounds.
void check(const Cues& cues);

/// The set with its cues. Which images are marked follows from (seed, index).
LabelledImages with_cues(const LabelledImages& data, const Cues& cues, std::uint32_t seed);

/// Puts the mark on one image (rows, columns); one that is too small for it is refused.
void draw_mark(std::span<std::uint8_t> image, std::size_t rows, std::size_t columns, const Mark& mark);

/// Fills one image's strokes with the texture of `label`, of which there are ten (label modulo 10).
void fill_with_texture(std::span<std::uint8_t> image, std::size_t rows, std::size_t columns, const Textures& textures,
                       std::size_t label);

/// Cue conflict: every image filled with the texture of another class, drawn evenly; `textures_of` gets that class.
/// Geirhos, Rubisch, Michaelis, Bethge, Wichmann, Brendel: ImageNet-trained CNNs are biased towards texture (2019).
LabelledImages cue_conflict(const LabelledImages& data, const Textures& textures, std::size_t classes,
                            std::uint32_t seed, std::vector<std::uint8_t>& textures_of);

}  // namespace pellucid
