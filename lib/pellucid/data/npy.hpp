/// Images from and to NumPy's .npy files. Native builds only.
#pragma once

#include "pellucid/tensor.hpp"

#include <cstdint>
#include <span>
#include <string>

namespace pellucid {

/// Images that remember how many axes they came with, so that a result can be written with the same.
///
/// rank 2: (H, W), here (1, H, W, 1); rank 3: (N, H, W), here (N, H, W, 1); rank 4: (N, H, W, C).
struct Images {
    Tensor pixels;
    int rank = 4;
};

/// Reads (H, W), (N, H, W) or (N, H, W, C) in C order of float32 or float64 (taken as they are), uint8 (0 … 255 becomes
/// 0 … 1), bool (0 or 1) or another integer type (taken as it is).
/// Error(bad_file) names a wrong dtype, byte order, memory order, rank or size.
Images read_npy(const std::string& path);

/// The same from bytes; `name` is what messages call them.
Images parse_npy(std::span<const std::uint8_t> bytes, const std::string& name);

/// Writes float32 with `images.rank` axes.
/// Error(bad_shape) where that rank cannot hold the pixels: rank 2 takes one image, ranks 2 and 3 one channel.
void write_npy(const std::string& path, const Images& images);

}  // namespace pellucid
