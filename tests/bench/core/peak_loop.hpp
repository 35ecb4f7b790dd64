// Included by one file per instruction set, which defines PEAK (the table's name) and PEAK_BYTES (of a vector).
#include "peak.hpp"

#ifdef __wasm_relaxed_simd__
#include <wasm_simd128.h>
#endif

namespace pellucid::bench {
namespace {

using Vector = float __attribute__((vector_size(PEAK_BYTES)));

inline __attribute__((always_inline)) Vector multiply_add(Vector a, Vector b, Vector c) {
#ifdef __wasm_relaxed_simd__
    return (Vector)wasm_f32x4_relaxed_madd((v128_t)a, (v128_t)b, (v128_t)c);
#else
    return a * b + c;  // contracted where the instruction set has it: see CMakeLists.txt
#endif
}

__attribute__((noinline)) float run(std::size_t rounds, float factor, float summand) {
    const Vector b = factor - Vector{}, c = summand - Vector{};
    Vector s0 = c, s1 = c + 1, s2 = c + 2, s3 = c + 3, s4 = c + 4, s5 = c + 5;
    Vector s6 = c + 6, s7 = c + 7, s8 = c + 8, s9 = c + 9, s10 = c + 10, s11 = c + 11;
    for (std::size_t i = 0; i < rounds; ++i) {
        s0 = multiply_add(s0, b, c), s1 = multiply_add(s1, b, c), s2 = multiply_add(s2, b, c);
        s3 = multiply_add(s3, b, c), s4 = multiply_add(s4, b, c), s5 = multiply_add(s5, b, c);
        s6 = multiply_add(s6, b, c), s7 = multiply_add(s7, b, c), s8 = multiply_add(s8, b, c);
        s9 = multiply_add(s9, b, c), s10 = multiply_add(s10, b, c), s11 = multiply_add(s11, b, c);
    }
    const Vector all = s0 + s1 + s2 + s3 + s4 + s5 + s6 + s7 + s8 + s9 + s10 + s11;
    float sum = 0;
    for (std::size_t lane = 0; lane < PEAK_BYTES / sizeof(float); ++lane) sum += all[lane];
    return sum;
}

}  // namespace

const Peak PEAK = {PEAK_NAME, PEAK_BYTES / sizeof(float), &run};

}  // namespace pellucid::bench
