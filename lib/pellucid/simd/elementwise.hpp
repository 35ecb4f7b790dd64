/// Element-wise kernels: whole vectors, then one short one. `out` may be one of the inputs.
#pragma once

#include "pellucid/simd/lanes.hpp"

namespace pellucid::simd {

/// out[i] = f(x[i]).
template <class Isa, class F>
PELLUCID_INLINE void map(std::size_t count, const float* x, float* out, const F& f) {
    constexpr std::size_t width = Isa::width;
    std::size_t i = 0;
    for (; i + width <= count; i += width) Isa::store(out + i, f(Isa::load(x + i)));
    if (i < count) Isa::store_first(out + i, f(Isa::load_first(x + i, count - i)), count - i);
}

/// out[i] = f(a[i], b[i]).
template <class Isa, class F>
PELLUCID_INLINE void map(std::size_t count, const float* a, const float* b, float* out, const F& f) {
    constexpr std::size_t width = Isa::width;
    std::size_t i = 0;
    for (; i + width <= count; i += width) Isa::store(out + i, f(Isa::load(a + i), Isa::load(b + i)));
    if (i < count) {
        const std::size_t rest = count - i;
        Isa::store_first(out + i, f(Isa::load_first(a + i, rest), Isa::load_first(b + i, rest)), rest);
    }
}

/// max(x, 0); what is not a number becomes 0.
template <class Isa>
void positive(std::size_t count, const float* x, float* out) {
    using Vector = typename Isa::Vector;
    map<Isa>(count, x, out, [](const Vector& v) { return Isa::select(v > Isa::zero(), v, Isa::zero()); });
}

/// min(x, 0).
template <class Isa>
void negative(std::size_t count, const float* x, float* out) {
    using Vector = typename Isa::Vector;
    map<Isa>(count, x, out, [](const Vector& v) { return Isa::select(v < Isa::zero(), v, Isa::zero()); });
}

/// y > 0 ? grad : 0.
template <class Isa>
void relu_gradient(std::size_t count, const float* y, const float* grad, float* out) {
    using Vector = typename Isa::Vector;
    map<Isa>(count, y, grad, out,
             [](const Vector& v, const Vector& g) { return Isa::select(v > Isa::zero(), g, Isa::zero()); });
}

/// y > 0 ? max(grad, 0) : 0.
template <class Isa>
void guided_gradient(std::size_t count, const float* y, const float* grad, float* out) {
    using Vector = typename Isa::Vector;
    map<Isa>(count, y, grad, out, [](const Vector& v, const Vector& g) {
        return Isa::select(v > Isa::zero(), Isa::max(g, Isa::zero()), Isa::zero());
    });
}

template <class Isa>
void add(std::size_t count, const float* a, const float* b, float* out) {
    using Vector = typename Isa::Vector;
    map<Isa>(count, a, b, out, [](const Vector& x, const Vector& y) { return Vector(x + y); });
}

template <class Isa>
void multiply(std::size_t count, const float* a, const float* b, float* out) {
    using Vector = typename Isa::Vector;
    map<Isa>(count, a, b, out, [](const Vector& x, const Vector& y) { return Vector(x * y); });
}

/// out += scale·a·b; scale·a where b is null.
template <class Isa>
void multiply_add(std::size_t count, const float* a, const float* b, float scale, float* out) {
    using Vector = typename Isa::Vector;
    constexpr std::size_t width = Isa::width;
    const Vector factor = Isa::splat(scale);
    if (b == nullptr) {
        map<Isa>(count, a, out, out,
                 [&factor](const Vector& x, const Vector& sum) { return Isa::multiply_add(factor, x, sum); });
        return;
    }
    std::size_t i = 0;
    for (; i + width <= count; i += width) {
        const Vector product = factor * Isa::load(a + i);
        Isa::store(out + i, Isa::multiply_add(product, Isa::load(b + i), Isa::load(out + i)));
    }
    if (i < count) {
        const std::size_t rest = count - i;
        const Vector product = factor * Isa::load_first(a + i, rest);
        const Vector sum =
            Isa::multiply_add(product, Isa::load_first(b + i, rest), Isa::load_first(out + i, rest));
        Isa::store_first(out + i, sum, rest);
    }
}

/// out = r / (z + epsilon·sign(z)), sign(0) = +1; 0 where the denominator is 0.
template <class Isa>
void divide_stabilised(std::size_t count, const float* r, const float* z, float epsilon, float* out) {
    using Vector = typename Isa::Vector;
    const Vector plus = Isa::splat(epsilon);
    const Vector minus = Isa::splat(-epsilon);
    map<Isa>(count, r, z, out, [&plus, &minus](const Vector& numerator, const Vector& v) {
        const Vector denominator = v + Isa::select(v < Isa::zero(), minus, plus);
        const auto nothing = denominator == Isa::zero();
        // Divides by one there, so that no division by zero is ever made.
        const Vector quotient = numerator / Isa::select(nothing, Isa::splat(1.0F), denominator);
        return Isa::select(nothing, Isa::zero(), quotient);
    });
}

}  // namespace pellucid::simd
