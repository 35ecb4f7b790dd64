/// IDX files, the format of MNIST: a big-endian header (two zero bytes, type code, number of axes, one 32-bit size per
/// axis) and then the elements. Read here: unsigned bytes with one axis (labels) or three (images), plain or gzip.
///
/// Errors, all bad_file: missing file, bad magic number, another element type, another number of axes, sizes that do
/// not fit the file. A .gz in the WebAssembly build is Error(unsupported).
#pragma once

#include "pellucid/tensor.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace pellucid {

/// Grey images as bytes: 255 ink, 0 paper. Kept as bytes because 60,000 images are 47 MB so and 188 MB as floats.
struct ByteImages {
    std::size_t count = 0;
    std::size_t rows = 0;
    std::size_t columns = 0;
    std::vector<std::uint8_t> pixels;  ///< (count, rows, columns)

    /// Pixels of one image. Error(bad_argument) where there is no such index.
    std::span<const std::uint8_t> image(std::size_t index) const;
};

/// True where `bytes` begin as an IDX file of unsigned bytes does.
bool is_idx(std::span<const std::uint8_t> bytes) noexcept;

/// From bytes that are already unpacked; `name` is what messages call them.
ByteImages parse_idx_images(std::span<const std::uint8_t> bytes, const std::string& name);
std::vector<std::uint8_t> parse_idx_labels(std::span<const std::uint8_t> bytes, const std::string& name);

ByteImages read_idx_images(const std::string& path);
std::vector<std::uint8_t> read_idx_labels(const std::string& path);

/// (N, rows, columns, 1), ink 1, paper 0 (byte / 255).
Tensor to_tensor(const ByteImages& images);

/// Images [first, first + count). Error(bad_argument) where they do not all exist.
Tensor to_tensor(const ByteImages& images, std::size_t first, std::size_t count);

/// The images with these indices, in this order: a shuffled minibatch.
Tensor to_tensor(const ByteImages& images, std::span<const std::size_t> indices);

}  // namespace pellucid
