/// What a network goes by where a training set had a cue beside the shapes (data/cues.hpp): its answers to test images
/// with the cue, without it, and where the two disagree.
///
/// Cost: a forward pass for each image and each of the sets that are compared.
#pragma once

#include "pellucid/data/cues.hpp"
#include "pellucid/nn/network.hpp"

#include <array>
#include <cstdint>
#include <vector>

namespace pellucid {

/// A mark that belonged to one class in training.
struct MarkReport {
    std::size_t images = 0;
    double plain = 0.0;          ///< share right on the images as they are
    double marked = 0.0;         ///< share right where the class has its mark, as in training
    double class_plain = 0.0;    ///< of the class's own images, without the mark: share right
    double class_marked = 0.0;   ///< with it
    double others_plain = 0.0;   ///< of the other classes' images: share taken for the class
    double others_marked = 0.0;  ///< with its mark on them
};

MarkReport mark_report(const Network& network, const LabelledImages& data, const Mark& mark);

/// Shape against texture: images of one class filled with the texture of another.
struct TextureReport {
    /// Of one class's shapes, each with another class's texture.
    struct Row {
        std::size_t images = 0, shape = 0, texture = 0, neither = 0;
    };
    double plain = 0.0;         ///< share right on the images as they are
    double agreeing = 0.0;      ///< share right where each has its own class's texture, as in training
    std::vector<Row> by_shape;  ///< per class
    Row all;
    /// Geirhos et al. 2019: answers by shape among those by shape or texture; NaN where there are none.
    double shape_bias() const;
};

TextureReport texture_report(const Network& network, const LabelledImages& data, const Textures& textures,
                             std::uint32_t seed);

}  // namespace pellucid
