/// PNG images, read through stb, written with zlib. Native builds only.
#pragma once

#include "pellucid/tensor.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace pellucid {

/// Reads a PNG as (1, H, W, channels) of brightness 0 (black) … 1 (white); channels 1 (grey, Rec. 601 luma) or 3 (RGB).
/// Transparent pixels are laid over white paper, whatever is on it (data/input.hpp looks). Sizes up to 16384 each way,
/// 2²⁶ pixels in all.
/// Error(bad_file): missing, not a PNG, damaged, too large.
Tensor read_png(const std::string& path, std::size_t channels = 1);

/// The same from bytes; `name` is what messages call them.
Tensor parse_png(std::span<const std::uint8_t> bytes, std::size_t channels, const std::string& name);

/// Brightness to ink, the networks' convention (ink 1, paper 0): where the mean brightness is above 0.5 the paper is
/// white and the image is inverted; otherwise it is light on dark already and stays. True where it was inverted.
bool to_ink(Tensor& grey);

/// Writes sample `index` of (N, H, W, C), C = 1 (grey) or 3 (RGB), as an 8-bit PNG; values 0 … 1 are rounded to 0 …
/// 255, what lies outside is clamped, NaN becomes 0. Error(bad_shape): another number of channels, no such sample.
void write_png(const std::string& path, const Tensor& image, std::size_t index = 0);

/// The PNG's bytes of the same.
std::vector<std::uint8_t> encode_png(const Tensor& image, std::size_t index = 0);

}  // namespace pellucid
