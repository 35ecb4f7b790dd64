/// A shrunk structure is small, and still fails.
#include "generate.hpp"
#include "shrink.hpp"

#include <doctest/doctest.h>

using namespace pellucid;
using namespace pellucid::test;

TEST_CASE("random structures: shrinking leaves what a failure needs") {
    // As if max-pools with more columns than stride were wrong.
    const auto fails = [](const Plan& plan) {
        for (const LayerPlan& layer : plan.layers) {
            if (layer.op == "max" && layer.numbers[1] > layer.numbers[3]) return true;
        }
        return false;
    };
    std::size_t failed = 0;
    for (std::uint32_t seed = 0; seed < 60; ++seed) {
        const Plan plan = random_network_plan(seed);
        if (!fails(plan)) continue;
        ++failed;
        const Plan small = shrink(plan, fails);
        CHECK(fails(small));
        CHECK(small.layers.size() == 1);
        CHECK(element_count(small.input) <= 2);
    }
    CHECK(failed > 5);
}
