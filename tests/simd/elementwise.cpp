/// Element-wise kernels at every length up to 70, in place and not, with zeros of both signs among the numbers.
#include "reference.hpp"

#include <algorithm>
#include <cmath>
#include <functional>

using namespace pellucid::simd;
using namespace pellucid::simd::test;

namespace {

constexpr std::size_t longest = 70;

/// kernel(count, a, b, out) must give want(a, b, out before) to within rounding; in place, out is a.
void check(const char* what,
           const std::function<void(const Kernels&, std::size_t, const float*, const float*, float*)>& kernel,
           const std::function<double(double, double, double)>& want) {
    for (const Kernels* table : available_kernels()) {
        for (std::size_t count = 0; count <= longest; ++count) {
            Numbers numbers(static_cast<std::uint32_t>(count) + 1);
            const Floats b = numbers.floats(count);
            const Floats before = numbers.floats(count);
            Floats a = numbers.floats(count);
            for (std::size_t i = 0; i < count; i += 11) a[i] = -0.0F;
            for (const bool in_place : {false, true}) {
                INFO(table->name, ": ", what, " of ", count, in_place ? ", in place" : "");
                Floats out = in_place ? a : before;
                kernel(*table, count, in_place ? out.data() : a.data(), b.data(), out.data());
                double error = 0.0;
                for (std::size_t i = 0; i < count; ++i) {
                    const double expected = want(a[i], b[i], in_place ? a[i] : before[i]);
                    // One rounding each of product and sum, of numbers no larger than about 1.
                    error = std::max(error, std::abs(out[i] - expected) / std::max(1.0, std::abs(expected)));
                }
                CHECK(error <= 3e-7);
                CHECK(out.intact());
            }
        }
    }
}

}  // namespace

TEST_CASE("element-wise kernels") {
    using P = const float*;
    check(
        "relu", [](const Kernels& k, std::size_t n, P a, P, float* out) { k.relu(n, a, out); },
        [](double a, double, double) { return a > 0 ? a : 0; });
    check(
        "positive", [](const Kernels& k, std::size_t n, P a, P, float* out) { k.positive(n, a, out); },
        [](double a, double, double) { return a > 0 ? a : 0; });
    check(
        "negative", [](const Kernels& k, std::size_t n, P a, P, float* out) { k.negative(n, a, out); },
        [](double a, double, double) { return a < 0 ? a : 0; });
    check(
        "relu_gradient", [](const Kernels& k, std::size_t n, P a, P b, float* out) { k.relu_gradient(n, a, b, out); },
        [](double a, double b, double) { return a > 0 ? b : 0; });
    check(
        "guided_gradient",
        [](const Kernels& k, std::size_t n, P a, P b, float* out) { k.guided_gradient(n, a, b, out); },
        [](double a, double b, double) { return a > 0 && b > 0 ? b : 0; });
    check(
        "add", [](const Kernels& k, std::size_t n, P a, P b, float* out) { k.add(n, a, b, out); },
        [](double a, double b, double) { return a + b; });
    check(
        "multiply", [](const Kernels& k, std::size_t n, P a, P b, float* out) { k.multiply(n, a, b, out); },
        [](double a, double b, double) { return a * b; });
    check(
        "multiply_add",
        [](const Kernels& k, std::size_t n, P a, P b, float* out) { k.multiply_add(n, a, b, 0.75F, out); },
        [](double a, double b, double out) { return out + 0.75 * a * b; });
    check(
        "multiply_add without b",
        [](const Kernels& k, std::size_t n, P a, P, float* out) { k.multiply_add(n, a, nullptr, 0.75F, out); },
        [](double a, double, double out) { return out + 0.75 * a; });
}

TEST_CASE("division with a stabiliser takes the sign of the denominator, zero counting as positive") {
    const auto kernel = [](float epsilon) {
        return [epsilon](const Kernels& k, std::size_t n, const float* a, const float* b, float* out) {
            k.divide_stabilised(n, a, b, epsilon, out);
        };
    };
    check("divide_stabilised", kernel(0.25F),
          [](double a, double b, double) { return a / (b < 0 ? b - 0.25 : b + 0.25); });
    // Without a stabiliser a zero denominator gives zero, whatever the numerator.
    check("divide_stabilised by itself", kernel(0.0F), [](double a, double b, double) { return b == 0 ? 0 : a / b; });
}

TEST_CASE("a table can be chosen and given back") {
    const std::vector<const Kernels*> tables = available_kernels();
    REQUIRE(!tables.empty());
    const Kernels* const before = &kernels();
    for (const Kernels* table : tables) {
        use_kernels(table);
        CHECK(&kernels() == table);
    }
    use_kernels(nullptr);
    CHECK(&kernels() == before);
}

TEST_CASE("differences keeps the pixels that differ, in order") {
    for (const std::size_t channels : {1, 3, 16, 17, 40}) {
        for (std::size_t columns = 0; columns <= 5; ++columns) {
            constexpr std::size_t rows = 3;
            const std::size_t pixels = rows * columns;
            const std::size_t a_step = columns * channels + 2, b_step = columns * channels + 7;
            Numbers numbers(static_cast<std::uint32_t>(100 * channels + columns));
            const Floats a = numbers.floats(rows * a_step);
            Floats b(rows * b_step, 555.0F);
            for (std::size_t y = 0; y < rows; ++y) {
                for (std::size_t x = 0; x < columns; ++x) {
                    float* const to = b.data() + y * b_step + x * channels;
                    std::copy_n(a.data() + y * a_step + x * channels, channels, to);
                    // One channel, any of them, is enough; 0 and −0 are the same.
                    const std::size_t c = numbers.below(static_cast<std::uint32_t>(channels));
                    if (numbers.below(2) == 0) to[c] += 1.0F;
                    if (numbers.below(2) == 0 && to[0] == 0.0F) to[0] = -0.0F;
                }
            }
            for (const Kernels* table : available_kernels()) {
                INFO(table->name, ": ", columns, " columns of ", channels);
                Floats out(pixels * channels, 777.0F);
                Guarded<std::uint32_t> places(pixels, 777U);
                const std::size_t count = table->differences(rows, columns, channels, a.data(), a_step, b.data(),
                                                             b_step, out.data(), places.data());
                std::size_t found = 0;
                bool same = true;
                for (std::size_t y = 0; y < rows; ++y) {
                    for (std::size_t x = 0; x < columns; ++x) {
                        const float* const u = a.data() + y * a_step + x * channels;
                        const float* const v = b.data() + y * b_step + x * channels;
                        if (std::equal(u, u + channels, v)) continue;
                        same = same && places[found] == y * 65536 + x;
                        for (std::size_t c = 0; c < channels; ++c) {
                            same = same && out[found * channels + c] == u[c] - v[c];
                        }
                        ++found;
                    }
                }
                CHECK(count == found);
                CHECK(same);
                CHECK(out.intact());
                CHECK(places.intact());
            }
        }
    }
}

TEST_CASE("a step of Adam is the formula's") {
    const AdamStep s{
        .beta1 = 0.9F, .beta2 = 0.99F, .epsilon = 1e-3F, .rate = 0.1F, .decay = 0.2F, .scale_m = 3.0F, .scale_v = 7.0F};
    for (std::size_t count = 0; count <= longest; ++count) {
        Numbers numbers(static_cast<std::uint32_t>(count) + 9);
        const Floats g = numbers.floats(count), m_before = numbers.floats(count), w_before = numbers.floats(count);
        Floats v_before = numbers.floats(count);
        for (std::size_t i = 0; i < count; ++i) v_before[i] *= v_before[i];
        for (const Kernels* table : available_kernels()) {
            INFO(table->name, ": of ", count);
            Floats m = m_before, v = v_before, w = w_before;
            table->adam(s, count, g.data(), m.data(), v.data(), w.data());
            double error = 0.0;
            for (std::size_t i = 0; i < count; ++i) {
                const double gradient = g[i];
                const double mean = 0.9 * m_before[i] + 0.1 * gradient;
                const double square = 0.99 * v_before[i] + 0.01 * gradient * gradient;
                const double step = mean * 3.0 / (std::sqrt(square * 7.0) + 1e-3) + 0.2 * w_before[i];
                error = std::max({error, std::abs(m[i] - mean), std::abs(v[i] - square)});
                error = std::max(error, std::abs(w[i] - (w_before[i] - 0.1 * step)) / std::max(1.0, std::abs(step)));
            }
            CHECK(error <= 1e-6);
            CHECK(m.intact());
            CHECK(v.intact());
            CHECK(w.intact());
        }
    }
}

TEST_CASE("a gate lets through what stands at outputs of its sign, and says whether that was anything") {
    for (std::size_t count = 0; count <= longest; ++count) {
        Numbers numbers(static_cast<std::uint32_t>(count) + 5);
        const Floats y = numbers.floats(count);
        Floats r = numbers.floats(count);
        for (const bool behind_relu : {false, true}) {
            for (std::size_t i = 0; i < count && behind_relu; ++i) r[i] = y[i] < 0.0F ? 0.0F : r[i];
            for (const float sign : {1.0F, -1.0F}) {
                for (const Kernels* table : available_kernels()) {
                    INFO(table->name, ": of ", count);
                    Floats out(count, 777.0F);
                    const bool any = table->gate(count, y.data(), sign, r.data(), out.data());
                    bool same = true, wanted = false;
                    for (std::size_t i = 0; i < count; ++i) {
                        const float want = sign * y[i] > 0.0F ? r[i] : 0.0F;
                        same = same && out[i] == want;
                        wanted = wanted || want != 0.0F;
                    }
                    CHECK(same);
                    CHECK(any == wanted);
                    CHECK(out.intact());
                }
            }
        }
    }
}

TEST_CASE("least finds the smallest number below zero") {
    for (std::size_t count = 0; count <= longest; ++count) {
        for (std::size_t place = 0; place <= count; ++place) {
            Floats x(count, 1.0F);
            if (place < count) x[place] = -2.0F;
            for (const Kernels* table : available_kernels()) {
                INFO(table->name, ": ", place, " of ", count);
                CHECK(table->least(count, x.data()) == (place < count ? -2.0F : 0.0F));
            }
        }
    }
}

TEST_CASE("sums are as exact as their terms, with and without factors") {
    for (const Kernels* table : available_kernels()) {
        for (const std::size_t channels : {1, 3, 16, 17, 64, 100, 1000}) {
            for (const std::size_t rows : {1, 2, 37}) {
                Numbers numbers(static_cast<std::uint32_t>(channels + rows));
                Floats x = numbers.floats(rows * channels);
                const Floats factors = numbers.floats(channels);
                // Two large numbers of opposite sign, in which a plain sum in float would lose everything else.
                if (x.size() > 40) {
                    x[0] = 1e6F;
                    x[x.size() - 1] = -1e6F;
                }
                for (const bool weighted : {false, true}) {
                    INFO(table->name, ": ", rows, " x ", channels, weighted ? ", with factors" : "");
                    double want = 0.0, scale = 0.0;
                    for (std::size_t i = 0; i < x.size(); ++i) {
                        const double factor = weighted ? static_cast<double>(factors[i % channels]) : 1.0;
                        want += factor * x[i];
                        scale += std::abs(factor * x[i]);
                    }
                    const double got = table->sum(rows, channels, x.data(), weighted ? factors.data() : nullptr);
                    CHECK(std::abs(got - want) <= 1e-7 * scale + 1e-12);
                }
            }
        }
    }
}
