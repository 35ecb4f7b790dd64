/// What can be taken out of an image as a whole: a region, the blur of the strokes' edges, the quantity of ink.
#pragma once

#include "pellucid/data/idx.hpp"

#include <cstdint>
#include <span>
#include <string_view>

namespace pellucid::study {

/// Something that can be taken out of an image of bytes.
struct Feature {
    std::string_view id;    ///< "top"
    std::string_view what;  ///< "the upper half", for people
    void (*remove)(std::span<std::uint8_t> image, std::size_t rows, std::size_t columns);
};

/// top, bottom, left, right: a half of the picture becomes paper. middle: the middle half of rows and columns; rim: all
/// but that. blur: every pixel becomes ink or paper, at half. ink: all images are dimmed until the sum of their ink is
/// that of 20 full pixels.
std::span<const Feature> features();
/// Throws Error(bad_argument) where there is none of that id.
const Feature& find_feature(std::string_view id);

/// Takes the feature out of all images.
void remove(const Feature& feature, ByteImages& images);

}  // namespace pellucid::study
