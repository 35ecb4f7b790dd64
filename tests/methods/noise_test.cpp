/// Normal noise: the moments and tails of a normal distribution, independent streams, the same bits everywhere.
#include "pellucid/methods/attribution/noise.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <cstdint>
#include <utility>
#include <vector>

using pellucid::methods::fill_normal;

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
    std::vector<float> numbers(1000);
    fill_normal(0, 0, numbers);
    // Written down once; a single bit more or less anywhere changes the sum of all bit patterns.
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i < numbers.size(); ++i) {
        std::uint32_t bits = 0;
        static_assert(sizeof(bits) == sizeof(float));
        __builtin_memcpy(&bits, &numbers[i], sizeof(bits));
        sum += static_cast<std::uint64_t>(i + 1) * bits;
    }
    CHECK(sum == 1069368562577216U);
}
