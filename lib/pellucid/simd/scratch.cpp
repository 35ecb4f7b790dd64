#include "pellucid/simd/scratch.hpp"

#include "pellucid/simd/kernels.hpp"

#include <array>

namespace pellucid::simd {

float* scratch(Scratch use, std::size_t floats) {
    thread_local std::array<AlignedVector, 4> memory;
    AlignedVector& own = memory[static_cast<std::size_t>(use)];
    if (own.size() < floats) own.resize(floats);
    return own.data();
}

}  // namespace pellucid::simd
