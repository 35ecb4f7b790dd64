/// The portable table: one float at a time.
#ifndef PELLUCID_SCALAR_ONLY
#define PELLUCID_SCALAR_ONLY
#endif
#include "pellucid/simd/table.hpp"
#include "pellucid/simd/tables.hpp"

namespace pellucid::simd {

struct Scalar : ScalarLanes {
    static constexpr const char* name = "scalar";
    static constexpr std::size_t conv_unroll = 1;
    static constexpr bool unroll_taps = true;
    static constexpr std::size_t conv_group = 4;
    template <std::size_t V>
    static constexpr std::size_t conv_positions = V == 1 ? 8 : 2;
    static constexpr std::size_t small_group = 4;
    static constexpr std::size_t winograd_tiles = 16;
    static constexpr std::size_t winograd4_tiles = 0;
    static constexpr bool winograd_unpooled = true;
    static constexpr bool winograd_places = true;
    static constexpr bool winograd4_places = false;
    static constexpr std::size_t pooled_positions = 0;
    static constexpr std::size_t narrow_positions = 6;
    static constexpr std::size_t outer_group = 2;
    static constexpr std::size_t outer_inputs = 4;
    static constexpr std::size_t sparse_percent = 60;
    static constexpr std::size_t sparse_pool_percent = 0;
};

const Kernels scalar_kernels = table<Scalar>();

}  // namespace pellucid::simd
