/// Element-wise kernels: whole vectors, then one short one. `out` may be one of the inputs.
#pragma once

#include "pellucid/simd/kernels.hpp"
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

/// See Kernels::differences.
template <class Isa>
std::size_t differences(std::size_t rows, std::size_t columns, std::size_t channels, const float* a, std::size_t a_step,
                        const float* b, std::size_t b_step, float* out, std::uint32_t* places) {
    constexpr std::size_t width = Isa::width;
    std::size_t count = 0;
    for (std::size_t y = 0; y < rows; ++y, a += a_step, b += b_step) {
        for (std::size_t x = 0; x < columns; ++x) {
            bool differs = false;
            const auto subtract = [&](std::size_t c, std::size_t lanes) PELLUCID_INLINE_LAMBDA {
                const auto u = load_lanes<Isa>(a + x * channels + c, lanes);
                const auto v = load_lanes<Isa>(b + x * channels + c, lanes);
                differs |= Isa::any(u != v);
                store_lanes<Isa>(out + c, typename Isa::Vector(u - v), lanes);
            };
            std::size_t c = 0;
            for (; c + width <= channels; c += width) subtract(c, width);
            if (c < channels) subtract(c, channels - c);
            // What does not differ is overwritten by the next.
            places[count] = static_cast<std::uint32_t>(y << 16U | x);
            count += differs ? 1 : 0;
            out += differs ? channels : 0;
        }
    }
    return count;
}

/// sign·y > 0 ? r : 0; whether anything but zeros came through.
template <class Isa>
bool gate(std::size_t count, const float* y, float sign, const float* r, float* out) {
    using Vector = typename Isa::Vector;
    const Vector factor = Isa::splat(sign);
    bool any = false;
    map<Isa>(count, y, r, out, [&](const Vector& v, const Vector& relevance) {
        const Vector through = Isa::select(factor * v > Isa::zero(), relevance, Isa::zero());
        any |= Isa::any(through != Isa::zero());
        return through;
    });
    return any;
}

/// min(x₀, x₁, …, 0).
template <class Isa>
float least(std::size_t count, const float* x) {
    constexpr std::size_t width = Isa::width;
    auto smallest = Isa::zero();
    std::size_t i = 0;
    for (; i + width <= count; i += width) smallest = Isa::min(smallest, Isa::load(x + i));
    if (i < count) smallest = Isa::min(smallest, Isa::load_first(x + i, count - i));
    float lanes[width];
    Isa::store(lanes, smallest);
    float result = 0.0F;
    for (const float lane : lanes) result = lane < result ? lane : result;
    return result;
}

/// See Kernels::sum. Four vectors at a time are added as they are; what the running sums then lose to rounding is kept
/// in sums of its own (Knuth's two-sum), so that the result is as good as its numbers.
template <class Isa>
double sum(std::size_t rows, std::size_t channels, const float* x, const float* factors) {
    using Vector = typename Isa::Vector;
    constexpr std::size_t width = Isa::width;
    Vector total = Isa::zero();
    Vector lost = Isa::zero();
    const auto take = [&](const Vector& v) PELLUCID_INLINE_LAMBDA {
        const Vector next = total + v;
        const Vector taken = next - total;
        lost = lost + ((total - (next - taken)) + (v - taken));
        total = next;
    };
    const auto load = [&](const float* row, std::size_t c, std::size_t lanes) PELLUCID_INLINE_LAMBDA {
        const Vector v = load_lanes<Isa>(row + c, lanes);
        return factors == nullptr ? v : Vector(v * load_lanes<Isa>(factors + c, lanes));
    };
    for (std::size_t r = 0; r < rows; ++r, x += channels) {
        std::size_t c = 0;
        for (; c + 4 * width <= channels; c += 4 * width) {
            take((load(x, c, width) + load(x, c + width, width)) +
                 (load(x, c + 2 * width, width) + load(x, c + 3 * width, width)));
        }
        for (; c + width <= channels; c += width) take(load(x, c, width));
        if (c < channels) take(load(x, c, channels - c));
    }
    float totals[width];
    float losses[width];
    Isa::store(totals, total);
    Isa::store(losses, lost);
    double result = 0.0;
    for (std::size_t i = 0; i < width; ++i) result += static_cast<double>(totals[i]) + static_cast<double>(losses[i]);
    return result;
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
        const Vector sum = Isa::multiply_add(product, Isa::load_first(b + i, rest), Isa::load_first(out + i, rest));
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

/// See AdamStep.
template <class Isa>
void adam(const AdamStep& s, std::size_t count, const float* g, float* m, float* v, float* w) {
    using Vector = typename Isa::Vector;
    const auto update = [&](std::size_t i, std::size_t lanes) PELLUCID_INLINE_LAMBDA {
        const Vector gradient = load_lanes<Isa>(g + i, lanes);
        const Vector mean = Isa::splat(s.beta1) * load_lanes<Isa>(m + i, lanes) + Isa::splat(1.0F - s.beta1) * gradient;
        const Vector square =
            Isa::splat(s.beta2) * load_lanes<Isa>(v + i, lanes) + Isa::splat(1.0F - s.beta2) * gradient * gradient;
        const Vector weight = load_lanes<Isa>(w + i, lanes);
        const Vector step = mean * Isa::splat(s.scale_m) /
                                (Isa::square_root(Vector(square * Isa::splat(s.scale_v))) + Isa::splat(s.epsilon)) +
                            Isa::splat(s.decay) * weight;
        store_lanes<Isa>(m + i, mean, lanes);
        store_lanes<Isa>(v + i, square, lanes);
        store_lanes<Isa>(w + i, Vector(weight - Isa::splat(s.rate) * step), lanes);
    };
    std::size_t i = 0;
    for (; i + Isa::width <= count; i += Isa::width) update(i, Isa::width);
    if (i < count) update(i, count - i);
}

}  // namespace pellucid::simd
