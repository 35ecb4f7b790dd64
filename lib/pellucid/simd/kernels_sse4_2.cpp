/// SSE4.2: 16 registers of four floats, product and sum apart.
#include "pellucid/simd/table.hpp"
#include "pellucid/simd/tables.hpp"

namespace pellucid::simd {

struct Sse42 : XsimdLanes<xsimd::sse4_2> {
    static constexpr const char* name = "sse4_2";
    static constexpr std::size_t conv_unroll = 2;
    static constexpr bool unroll_taps = true;
    static constexpr std::size_t conv_group = 2;
    template <std::size_t V>
    static constexpr std::size_t conv_positions = V == 1 ? 12 : 6;
    static constexpr std::size_t small_group = 2;
    static constexpr std::size_t winograd_tiles = 16;
    static constexpr std::size_t winograd4_tiles = 0;
    static constexpr bool winograd_unpooled = true;
    static constexpr bool winograd_places = true;
    static constexpr bool winograd4_places = false;
    static constexpr std::size_t pooled_positions = 4;
    static constexpr std::size_t narrow_positions = 6;
    static constexpr std::size_t outer_group = 2;
    static constexpr std::size_t outer_inputs = 6;
    static constexpr std::size_t sparse_percent = 60;
    static constexpr std::size_t sparse_pool_percent = 0;
};

const Kernels sse4_2_kernels = table<Sse42>();

}  // namespace pellucid::simd
