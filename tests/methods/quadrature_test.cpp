/// Gauss and Legendre's points: n of them integrate polynomials up to degree 2n − 1 exactly. And the parts of many
/// points.
#include "pellucid/methods/attribution/quadrature.hpp"
#include "pellucid/methods/attribution/sampling.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

using namespace pellucid::methods;

TEST_CASE("quadrature: n points of Gauss and Legendre integrate polynomials of degree 2n - 1") {
    for (const std::size_t n : {1, 2, 3, 4, 7, 8, 50, 51, 1000}) {
        CAPTURE(n);
        const Quadrature q = quadrature("gauss_legendre", n);
        REQUIRE(q.points.size() == n);
        CHECK(std::ranges::is_sorted(q.points));
        CHECK((q.points.front() > 0 && q.points.back() < 1));
        for (std::size_t degree = 0; degree < std::min<std::size_t>(2 * n, 60); ++degree) {
            double integral = 0;
            for (std::size_t i = 0; i < n; ++i) integral += q.weights[i] * std::pow(q.points[i], degree);
            CHECK(std::abs(integral * static_cast<double>(degree + 1) - 1) < 1e-12);
        }
    }
}

TEST_CASE("partition: parts follow one another, are as even as can be, and hold every neighbour once") {
    for (std::size_t neighbours = 1; neighbours < 60; ++neighbours) {
        for (const std::size_t most : {1, 8, 14, 64}) {
            const Partition partition(3, neighbours, most);
            std::size_t next = 0;
            for (std::size_t part = 0; part < partition.parts(); ++part) {
                const auto [sample, first, count] = partition[part];
                if (part % partition.per_sample() == 0) next = 0;
                CHECK(sample == part / partition.per_sample());
                CHECK(first == next);
                CHECK((count >= 1 && count <= most));
                CHECK(partition[0].count - count <= 1);
                CHECK(partition.neighbours_done(sample, part) == next);
                next += count;
                CHECK(partition.neighbours_done(sample, part + 1) == next);
                CHECK(partition.neighbours_done(2, part) == (sample < 2 ? 0 : next - count));
                if ((part + 1) % partition.per_sample() == 0) CHECK(next == neighbours);
            }
        }
    }
}
