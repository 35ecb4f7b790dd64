/// The machine's limit: multiply-adds per second of the widest vectors, with nothing else to do. Twelve independent
/// sums hide the latency of the (fused) multiply-add; more would not fit into WebAssembly's registers.
#pragma once

#include <cstddef>

namespace pellucid::bench {

/// Does `rounds` × 12 × lanes multiply-adds and returns how many those were. The return value of the other is only
/// there so that nothing is optimised away.
struct Peak {
    const char* name;
    std::size_t lanes;
    float (*run)(std::size_t rounds, float factor, float summand);

    static constexpr std::size_t sums = 12;
};

extern const Peak peak_avx512;
extern const Peak peak_avx2;
extern const Peak peak_wasm;

}  // namespace pellucid::bench
