/// Images from and to NumPy's .npy files. Native builds only.
#pragma once

#include "pellucid/data/file.hpp"
#include "pellucid/tensor.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace pellucid {

/// Images that remember how many axes they came with, so that a result can be written with the same.
///
/// rank 2: (H, W), here (1, H, W, 1); rank 3: (N, H, W), here (N, H, W, 1); rank 4: (N, H, W, C).
struct Images {
    Tensor pixels;
    int rank = 4;
};

/// An array as its file has it: numbers of any type as float32, axes as they are.
struct NpyArray {
    enum class Numbers { floating, boolean, integer };

    std::vector<std::size_t> shape;
    std::vector<float> values;
    Numbers numbers = Numbers::floating;
    std::string type;  ///< as people write it: "float32", "uint8"
};

/// Reads an array in C order of float16, float32, float64, bool or an integer type of this machine's byte order.
/// Error(bad_file) names a wrong dtype, byte order, memory order or size. `name` is what messages call the bytes.
NpyArray parse_npy_array(std::span<const std::uint8_t> bytes, const std::string& name);

/// Integers, of whatever type, are grey values: 0 … 255 becomes 0 … 1, anything else is refused, and so are arrays of 0
/// and 1 alone, where nobody can tell 1 of 255 from all. Booleans are 0 and 1.
/// Error(bad_file) names the array's range and what would be right.
void grey_to_share(NpyArray& array, const std::string& name);

/// Reads (H, W), (N, H, W) or (N, H, W, C): floating numbers as they are, others as grey_to_share() has them.
/// Errors as above, and for another rank.
Images read_npy(const std::string& path);

/// The same from bytes; `name` is what messages call them.
Images parse_npy(std::span<const std::uint8_t> bytes, const std::string& name);

/// A .npy file on the disk, of which any run of images is read at a time: memory does not grow with the file.
class NpyFile {
public:
    /// Nothing where there is no regular file of floating numbers with two to four axes that begins as .npy files do;
    /// Errors as read_npy().
    static std::optional<NpyFile> open(const std::string& path);

    /// (N, H, W, C) of all images.
    const Shape& shape() const { return shape_; }
    int rank() const { return rank_; }
    /// How its numbers are taken, in words.
    std::string how() const;
    /// Images first … first + count − 1, which must be there.
    Tensor read(std::size_t first, std::size_t count) const;

private:
    NpyFile() = default;

    std::string path_;
    Shape shape_{};
    int rank_ = 4;
    std::string type_;
    std::size_t start_ = 0;  ///< where the numbers begin
};

/// Writes float32 with `images.rank` axes.
/// Error(bad_shape) where that rank cannot hold the pixels: rank 2 takes one image, ranks 2 and 3 one channel.
void write_npy(const std::string& path, const Images& images);

/// The same, some images at a time: memory does not grow with the file.
class NpyWriter {
public:
    /// `shape`: of all images that will come.
    NpyWriter(const std::string& path, const Shape& shape, int rank);
    void add(const Tensor& images);
    /// The file holds as many images as came.
    void commit();

private:
    FileWriter file_;
    Shape shape_;
    int rank_;
    std::size_t came_ = 0;
};

}  // namespace pellucid
