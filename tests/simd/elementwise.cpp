/// Element-wise kernels at every length up to 70, in place and not, with zeros of both signs among the numbers.
#include "reference.hpp"

#include <algorithm>
#include <functional>

using namespace pellucid::simd;
using namespace pellucid::simd::test;

namespace {

constexpr std::size_t longest = 70;

/// kernel(count, a, b, out) must give want(a, b, out before) to within rounding; in place, out is a.
void check(const char* what, const std::function<void(const Kernels&, std::size_t, const float*, const float*, float*)>& kernel,
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
    check("relu", [](const Kernels& k, std::size_t n, P a, P, float* out) { k.relu(n, a, out); },
          [](double a, double, double) { return a > 0 ? a : 0; });
    check("positive", [](const Kernels& k, std::size_t n, P a, P, float* out) { k.positive(n, a, out); },
          [](double a, double, double) { return a > 0 ? a : 0; });
    check("negative", [](const Kernels& k, std::size_t n, P a, P, float* out) { k.negative(n, a, out); },
          [](double a, double, double) { return a < 0 ? a : 0; });
    check("relu_gradient", [](const Kernels& k, std::size_t n, P a, P b, float* out) { k.relu_gradient(n, a, b, out); },
          [](double a, double b, double) { return a > 0 ? b : 0; });
    check("guided_gradient",
          [](const Kernels& k, std::size_t n, P a, P b, float* out) { k.guided_gradient(n, a, b, out); },
          [](double a, double b, double) { return a > 0 && b > 0 ? b : 0; });
    check("add", [](const Kernels& k, std::size_t n, P a, P b, float* out) { k.add(n, a, b, out); },
          [](double a, double b, double) { return a + b; });
    check("multiply", [](const Kernels& k, std::size_t n, P a, P b, float* out) { k.multiply(n, a, b, out); },
          [](double a, double b, double) { return a * b; });
    check("multiply_add",
          [](const Kernels& k, std::size_t n, P a, P b, float* out) { k.multiply_add(n, a, b, 0.75F, out); },
          [](double a, double b, double out) { return out + 0.75 * a * b; });
    check("multiply_add without b",
          [](const Kernels& k, std::size_t n, P a, P, float* out) { k.multiply_add(n, a, nullptr, 0.75F, out); },
          [](double a, double, double out) { return out + 0.75 * a; });
}

TEST_CASE("division with a stabiliser takes the sign of the denominator, zero counting as positive") {
    const auto kernel = [](float epsilon) {
        return [epsilon](const Kernels& k, std::size_t n, const float* a, const float* b, float* out) {
            k.divide_stabilised(n, a, b, epsilon, out);
        };
    };
    check("divide_stabilised", kernel(0.25F), [](double a, double b, double) { return a / (b < 0 ? b - 0.25 : b + 0.25); });
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
        for (std::size_t pixels = 0; pixels <= 9; ++pixels) {
            Numbers numbers(static_cast<std::uint32_t>(100 * channels + pixels));
            const Floats a = numbers.floats(pixels * channels);
            Floats b = a;
            for (std::size_t p = 0; p < pixels; ++p) {
                // One channel, any of them, is enough; 0 and −0 are the same.
                const std::size_t i = p * channels + numbers.below(static_cast<std::uint32_t>(channels));
                if (numbers.below(2) == 0) b[i] += 1.0F;
                if (numbers.below(2) == 0 && a[p * channels] == 0.0F && b[p * channels] == 0.0F) b[p * channels] = -0.0F;
            }
            for (const Kernels* table : available_kernels()) {
                INFO(table->name, ": ", pixels, " pixels of ", channels);
                Floats out(pixels * channels, 777.0F);
                Guarded<std::uint32_t> places(pixels, 777U);
                const std::size_t count =
                    table->differences(pixels, channels, a.data(), b.data(), out.data(), places.data());
                std::size_t found = 0;
                bool same = true;
                for (std::size_t p = 0; p < pixels; ++p) {
                    bool differs = false;
                    for (std::size_t c = 0; c < channels; ++c) differs = differs || a[p * channels + c] != b[p * channels + c];
                    if (!differs) continue;
                    same = same && places[found] == p;
                    for (std::size_t c = 0; c < channels; ++c) {
                        same = same && out[found * channels + c] == a[p * channels + c] - b[p * channels + c];
                    }
                    ++found;
                }
                CHECK(count == found);
                CHECK(same);
                CHECK(out.intact());
                CHECK(places.intact());
            }
        }
    }
}

TEST_CASE("add_block adds rows of a smaller image to a larger one") {
    for (std::size_t run = 0; run <= longest; ++run) {
        Numbers numbers(static_cast<std::uint32_t>(run));
        const Floats from = numbers.floats(3 * 80);
        const Floats before = numbers.floats(3 * 90);
        for (const Kernels* table : available_kernels()) {
            INFO(table->name, ": rows of ", run);
            Floats to = before;
            table->add_block(3, run, from.data(), 80, to.data(), 90);
            bool same = true;
            for (std::size_t i = 0; i < to.size(); ++i) {
                const float want = i % 90 < run ? before[i] + from[i / 90 * 80 + i % 90] : before[i];
                same = same && to[i] == want;
            }
            CHECK(same);
            CHECK(to.intact());
        }
    }
}

TEST_CASE("a step of Adam is the formula's") {
    const AdamStep s{.beta1 = 0.9F, .beta2 = 0.99F, .epsilon = 1e-3F, .rate = 0.1F, .decay = 0.2F, .scale_m = 3.0F, .scale_v = 7.0F};
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
