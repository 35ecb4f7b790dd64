/// What the kernels ask of an instruction set: a vector of floats and a handful of functions on it.
///
/// Every kernel is a template over an `Isa`, a struct with these members and its tile shapes. Each instruction set is
/// compiled in a file of its own with its own flags, so everything here and in the kernels is templated over the Isa:
/// an inline function that two such files share would be merged by the linker, and the AVX-512 copy could win.
/// For the same reason these files include nothing but xsimd and kernels.hpp.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>

#define PELLUCID_INLINE inline __attribute__((always_inline))
/// Tiles stay functions of their own: V8 replaces WebAssembly code only between calls, so that a tile inlined into one
/// long loop would stay in baseline code (a third of the speed); natively it keeps register allocation local.
#define PELLUCID_TILE __attribute__((noinline))
#define PELLUCID_INLINE_LAMBDA __attribute__((always_inline))

namespace pellucid::simd {

/// f.operator()<0>() … <N − 1>(): a loop that is gone before the compiler decides what lives in registers. Arrays of
/// sums that real loops index are found to be registers too late, and are then stored and loaded around every inner
/// loop.
template <std::size_t N, class F>
PELLUCID_INLINE void repeat(const F& f) {
    [&f]<std::size_t... I>(std::index_sequence<I...>)
        PELLUCID_INLINE_LAMBDA { (f.template operator()<I>(), ...); }(std::make_index_sequence<N>{});
}

/// The lanes' `list`, number by number.
PELLUCID_INLINE std::size_t list_each(const float* from, std::size_t count, std::uint32_t first, float* values,
                                      std::uint32_t* places) {
    std::size_t n = 0;
    for (std::size_t i = 0; i < count; ++i) {
        values[n] = from[i];
        places[n] = first + static_cast<std::uint32_t>(i);
        n += from[i] != 0.0F ? 1 : 0;
    }
    return n;
}

}  // namespace pellucid::simd

/// Before a loop of known length: leave it one. V8 would load the operands of all its steps before the first product.
#if defined(__clang__)
#define PELLUCID_ROLLED _Pragma("clang loop unroll(disable)")
#else
#define PELLUCID_ROLLED
#endif

/// Before a plain loop that is worth vectors natively, but not their size in what is downloaded.
#if defined(__EMSCRIPTEN__)
#define PELLUCID_SMALL _Pragma("clang loop vectorize(disable) unroll(disable)")
#else
#define PELLUCID_SMALL
#endif

/// Makes the compiler keep that pointer in a register of its own.
#if defined(__x86_64__)
#define PELLUCID_KEEP(pointer) asm("" : "+r"(pointer))
#else
#define PELLUCID_KEEP(pointer) static_cast<void>(pointer)
#endif

#if !defined(PELLUCID_SCALAR_ONLY)
#include <xsimd/xsimd.hpp>

namespace pellucid::simd {

/// `Fused` says whether a·b + c is one instruction; a plain product and sum otherwise.
template <class Arch>
struct XsimdLanes {
    using Vector = xsimd::batch<float, Arch>;
    using Index = xsimd::batch<std::uint32_t, Arch>;
    using Mask = typename Vector::batch_bool_type;
    static constexpr std::size_t width = Vector::size;

    static PELLUCID_INLINE Vector zero() { return Vector(0.0F); }
    static PELLUCID_INLINE Vector splat(float value) { return Vector(value); }
    /// For arrays of sums: what the compiler copies as memory stays in memory.
    static PELLUCID_INLINE Vector copy(const Vector& v) { return Vector(v.data); }
    static PELLUCID_INLINE Vector load(const float* from) { return Vector::load_unaligned(from); }
    static PELLUCID_INLINE void store(float* to, const Vector& v) { v.store_unaligned(to); }

    /// The first `count` lanes from memory, zero in the rest; reads nothing beyond them.
    static PELLUCID_INLINE Vector load_first(const float* from, std::size_t count) {
        alignas(64) float lanes[width] = {};
        for (std::size_t i = 0; i < count; ++i) lanes[i] = from[i];
        return Vector::load_aligned(lanes);
    }
    static PELLUCID_INLINE void store_first(float* to, const Vector& v, std::size_t count) {
        alignas(64) float lanes[width];
        v.store_aligned(lanes);
        for (std::size_t i = 0; i < count; ++i) to[i] = lanes[i];
    }

    static PELLUCID_INLINE Vector multiply_add(const Vector& a, const Vector& b, const Vector& c) {
        return xsimd::fma(a, b, c);
    }
    static PELLUCID_INLINE Vector max(const Vector& a, const Vector& b) { return xsimd::max(a, b); }
    static PELLUCID_INLINE Vector min(const Vector& a, const Vector& b) { return xsimd::min(a, b); }
    static PELLUCID_INLINE Vector select(const Mask& mask, const Vector& yes, const Vector& no) {
        return xsimd::select(mask, yes, no);
    }
    static PELLUCID_INLINE Vector absolute(const Vector& v) { return xsimd::abs(v); }
    static PELLUCID_INLINE Vector square_root(const Vector& v) { return xsimd::sqrt(v); }
    static PELLUCID_INLINE float sum(const Vector& v) { return xsimd::reduce_add(v); }
    static PELLUCID_INLINE bool any(const Mask& mask) { return xsimd::any(mask); }
    static PELLUCID_INLINE std::uint32_t bits(const Mask& mask) { return static_cast<std::uint32_t>(mask.mask()); }

    /// Writes those of the first `count` numbers that are not 0 one after another to `values` and `first` + their place
    /// to `places`; returns how many there are. Up to `width` of each are overwritten.
    static PELLUCID_INLINE std::size_t list(const float* from, std::size_t count, std::uint32_t first, float* values,
                                            std::uint32_t* places) {
        return list_each(from, count, first, values, places);
    }

    static PELLUCID_INLINE Index index(std::uint32_t value) { return Index(value); }
    static PELLUCID_INLINE Index select(const Mask& mask, const Index& yes, const Index& no) {
        return xsimd::select(xsimd::batch_bool_cast<std::uint32_t>(mask), yes, no);
    }
    static PELLUCID_INLINE Mask equal(const Index& a, const Index& b) { return xsimd::batch_bool_cast<float>(a == b); }
    static PELLUCID_INLINE Index load(const std::uint32_t* from) { return Index::load_unaligned(from); }
    static PELLUCID_INLINE Index load_first(const std::uint32_t* from, std::size_t count) {
        alignas(64) std::uint32_t lanes[width] = {};
        for (std::size_t i = 0; i < count; ++i) lanes[i] = from[i];
        return Index::load_aligned(lanes);
    }
    static PELLUCID_INLINE void store(std::uint32_t* to, const Index& v) { v.store_unaligned(to); }
    static PELLUCID_INLINE void store_first(std::uint32_t* to, const Index& v, std::size_t count) {
        alignas(64) std::uint32_t lanes[width];
        v.store_aligned(lanes);
        for (std::size_t i = 0; i < count; ++i) to[i] = lanes[i];
    }
};

}  // namespace pellucid::simd
#endif

namespace pellucid::simd {

/// One float at a time: the portable table.
struct ScalarLanes {
    using Vector = float;
    using Index = std::uint32_t;
    using Mask = bool;
    static constexpr std::size_t width = 1;

    static PELLUCID_INLINE float zero() { return 0.0F; }
    static PELLUCID_INLINE float splat(float value) { return value; }
    static PELLUCID_INLINE float copy(float v) { return v; }
    static PELLUCID_INLINE float load(const float* from) { return *from; }
    static PELLUCID_INLINE float load_first(const float* from, std::size_t) { return *from; }
    static PELLUCID_INLINE void store(float* to, float v) { *to = v; }
    static PELLUCID_INLINE void store_first(float* to, float v, std::size_t) { *to = v; }
    static PELLUCID_INLINE float multiply_add(float a, float b, float c) { return a * b + c; }
    static PELLUCID_INLINE float max(float a, float b) { return a > b ? a : b; }
    static PELLUCID_INLINE float min(float a, float b) { return a < b ? a : b; }
    static PELLUCID_INLINE float select(bool mask, float yes, float no) { return mask ? yes : no; }
    static PELLUCID_INLINE float absolute(float v) { return __builtin_fabsf(v); }
    static PELLUCID_INLINE float square_root(float v) { return __builtin_sqrtf(v); }
    static PELLUCID_INLINE float sum(float v) { return v; }
    static PELLUCID_INLINE bool any(bool mask) { return mask; }
    static PELLUCID_INLINE std::uint32_t bits(bool mask) { return mask ? 1 : 0; }
    static PELLUCID_INLINE std::size_t list(const float* from, std::size_t count, std::uint32_t first, float* values,
                                            std::uint32_t* places) {
        return list_each(from, count, first, values, places);
    }
    static PELLUCID_INLINE std::uint32_t index(std::uint32_t value) { return value; }
    static PELLUCID_INLINE std::uint32_t select(bool mask, std::uint32_t yes, std::uint32_t no) {
        return mask ? yes : no;
    }
    static PELLUCID_INLINE bool equal(std::uint32_t a, std::uint32_t b) { return a == b; }
    static PELLUCID_INLINE std::uint32_t load(const std::uint32_t* from) { return *from; }
    static PELLUCID_INLINE std::uint32_t load_first(const std::uint32_t* from, std::size_t) { return *from; }
    static PELLUCID_INLINE void store(std::uint32_t* to, std::uint32_t v) { *to = v; }
    static PELLUCID_INLINE void store_first(std::uint32_t* to, std::uint32_t v, std::size_t) { *to = v; }
};

/// `count` lanes, 1 … all of them.
template <class Isa, class T>
PELLUCID_INLINE auto load_lanes(const T* from, std::size_t count) {
    return count == Isa::width ? Isa::load(from) : Isa::load_first(from, count);
}
template <class Isa, class T, class V>
PELLUCID_INLINE void store_lanes(T* to, const V& v, std::size_t count) {
    count == Isa::width ? Isa::store(to, v) : Isa::store_first(to, v, count);
}

/// Zeros, and a copy, of any number of floats. What fills no vector goes one by one where code must be small.
template <class Isa>
PELLUCID_INLINE void clear(float* to, std::size_t count) {
    std::size_t i = 0;
    for (; i + Isa::width <= count; i += Isa::width) Isa::store(to + i, Isa::zero());
    if constexpr (Isa::unroll_taps) {
        if (i < count) store_lanes<Isa>(to + i, Isa::zero(), count - i);
    } else {
        for (; i < count; ++i) to[i] = 0.0F;
    }
}
template <class Isa>
PELLUCID_INLINE void copy(const float* from, std::size_t count, float* to) {
    std::size_t i = 0;
    for (; i + Isa::width <= count; i += Isa::width) Isa::store(to + i, Isa::load(from + i));
    if constexpr (Isa::unroll_taps) {
        if (i < count) store_lanes<Isa>(to + i, load_lanes<Isa>(from + i, count - i), count - i);
    } else {
        for (; i < count; ++i) to[i] = from[i];
    }
}

/// How many vectors' lanes an instruction set adds at once (sum_eight, sum_four), 1 = none.
template <class Isa>
inline constexpr std::size_t sums_at_once =
    requires(const typename Isa::Vector (&v)[8], float (&to)[8]) { Isa::sum_eight(v, to); } ? 8
    : requires(const typename Isa::Vector (&v)[4]) { Isa::sum_four(v); }                    ? 4
                                                                                            : 1;

/// sums[p] = the sum of the lanes of v[p].
template <class Isa, std::size_t P>
PELLUCID_INLINE void sum_each(const typename Isa::Vector (&v)[P], float (&sums)[P]) {
    if constexpr (P >= 8 && sums_at_once<Isa> == 8) {
        // Eight at a time; the last eight may include some of those before.
        repeat<(P + 7) / 8>([&]<std::size_t b>() PELLUCID_INLINE_LAMBDA {
            constexpr std::size_t start = 8 * b + 8 <= P ? 8 * b : P - 8;
            typename Isa::Vector eight[8];
            float to[8];
            repeat<8>([&]<std::size_t i>() PELLUCID_INLINE_LAMBDA { eight[i] = v[start + i]; });
            Isa::sum_eight(eight, to);
            for (std::size_t i = 0; i < 8; ++i) sums[start + i] = to[i];
        });
    } else if constexpr (P == 4 && sums_at_once<Isa> == 4) {
        Isa::store(sums, Isa::sum_four(v));
    } else {
        repeat<P>([&]<std::size_t p>() PELLUCID_INLINE_LAMBDA { sums[p] = Isa::sum(v[p]); });
    }
}

}  // namespace pellucid::simd
