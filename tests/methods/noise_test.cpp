/// Normal noise: the moments and tails of a normal distribution, independent streams, the same bits everywhere. And the
/// sums that sampling methods keep.
#include "pellucid/methods/attribution/moments.hpp"
#include "pellucid/methods/attribution/noise.hpp"
#include "pellucid/simd/kernels.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <cstdint>
#include <utility>
#include <vector>

using pellucid::methods::fill_normal;
using pellucid::methods::Moments;
namespace simd = pellucid::simd;

TEST_CASE("noise: moments and tails are those of a normal distribution") {
    std::vector<float> numbers(400'000);
    fill_normal(3, 7, numbers);
    double sums[4] = {};
    double beyond[3] = {};
    for (const float v : numbers) {
        double power = 1;
        for (double& sum : sums) sum += power *= static_cast<double>(v);
        for (int k = 0; k < 3; ++k) beyond[k] += std::abs(v) > static_cast<float>(k + 1) ? 1 : 0;
    }
    const auto count = static_cast<double>(numbers.size());
    // Four standard errors each.
    CHECK(std::abs(sums[0] / count) < 4 * std::sqrt(1 / count));
    CHECK(std::abs(sums[1] / count - 1) < 4 * std::sqrt(2 / count));
    CHECK(std::abs(sums[2] / count) < 4 * std::sqrt(15 / count));
    CHECK(std::abs(sums[3] / count - 3) < 4 * std::sqrt(96 / count));
    for (int k = 0; k < 3; ++k) {
        const double share = std::erfc((k + 1) / std::sqrt(2.0));
        CHECK(std::abs(beyond[k] / count - share) < 4 * std::sqrt(share / count));
    }
}

TEST_CASE("noise: a number depends on seed, stream and place alone") {
    std::vector<float> whole(300), part(130), other(300);
    fill_normal(1, 2, whole);
    fill_normal(1, 2, part);
    for (std::size_t i = 0; i < part.size(); ++i) CHECK(part[i] == whole[i]);
    for (const auto& [seed, stream] : {std::pair{1U, 3U}, std::pair{2U, 2U}, std::pair{2U, 1U}}) {
        fill_normal(seed, stream, other);
        double product = 0;
        for (std::size_t i = 0; i < other.size(); ++i)
            product += static_cast<double>(other[i]) * static_cast<double>(whole[i]);
        CHECK(std::abs(product) / 300.0 < 5 / std::sqrt(300.0));
    }
}

TEST_CASE("noise: the same bits on every platform") {
    for (const simd::Kernels* table : simd::available_kernels()) {
        CAPTURE(table->name);
        simd::use_kernels(table);
        std::vector<float> numbers(1000);
        fill_normal(0, 0, numbers);
        simd::use_kernels(nullptr);
        // Written down once; a single bit more or less anywhere changes the sum of all bit patterns.
        std::uint64_t sum = 0;
        for (std::size_t i = 0; i < numbers.size(); ++i) {
            std::uint32_t bits = 0;
            static_assert(sizeof(bits) == sizeof(float));
            __builtin_memcpy(&bits, &numbers[i], sizeof(bits));
            sum += static_cast<std::uint64_t>(i + 1) * bits;
        }
        CHECK(sum == 1064257612198897U);
    }
}

TEST_CASE("moments: means, variances and their errors of each input's elements") {
    constexpr std::size_t samples = 7, elements = 37;
    const auto value = [](std::size_t input, std::size_t s, std::size_t i) {
        return static_cast<float>((input * 31 + s * 7 + i * 13) % 17) - 6.5F;
    };
    for (const std::size_t powers : {2, 4}) {
        Moments moments(2, elements, powers);
        std::vector<float> values(elements);
        for (const std::size_t input : {0, 1}) {
            for (std::size_t s = 0; s < samples; ++s) {
                for (std::size_t i = 0; i < elements; ++i) values[i] = value(input, s, i);
                moments.add(input, values);
            }
        }
        for (std::size_t i = 0; i < 2 * elements; ++i) {
            double mean = 0, square = 0, variance = 0, fourth = 0, squares = 0;
            for (std::size_t s = 0; s < samples; ++s) {
                const double v = value(i / elements, s, i % elements);
                mean += v / samples;
                square += v * v / samples;
            }
            for (std::size_t s = 0; s < samples; ++s) {
                const double v = value(i / elements, s, i % elements);
                variance += (v - mean) * (v - mean) / samples;
                fourth += std::pow(v - mean, 4) / samples;
                squares += (v * v - square) * (v * v - square) / samples;
            }
            const auto near = [](double got, double want) {
                return std::abs(got - want) < 1e-9 * (1 + std::abs(want));
            };
            CHECK(near(moments.mean(i, samples), mean));
            CHECK(near(moments.mean_square(i, samples), square));
            CHECK(near(moments.variance(i, samples), variance));
            CHECK(near(moments.standard_error_of_mean(i, samples), std::sqrt(variance / (samples - 1))));
            if (powers == 2) continue;
            CHECK(near(moments.standard_error_of_mean_square(i, samples), std::sqrt(squares / (samples - 1))));
            CHECK(near(moments.standard_error_of_variance(i, samples),
                       std::sqrt((fourth - variance * variance) / (samples - 1))));
        }
    }
}
