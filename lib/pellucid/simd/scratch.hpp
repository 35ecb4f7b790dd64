/// Memory that kernels use between their own steps; each thread has its own and keeps it.
#pragma once

#include <cstddef>
#include <cstdint>

namespace pellucid::simd {

enum class Scratch : std::uint8_t { padded, rows, winograd, sparse };

/// At least that many floats, aligned to 64 bytes, valid until the same thread asks for the same use again.
float* scratch(Scratch use, std::size_t floats);

}  // namespace pellucid::simd
