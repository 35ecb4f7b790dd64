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
