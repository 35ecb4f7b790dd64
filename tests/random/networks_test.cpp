/// Whole networks nobody wrote down.
#include "checks.hpp"
#include "generate.hpp"
#include "run.hpp"

#include <doctest/doctest.h>

#include <set>
#include <stdexcept>

using namespace pellucid;
using namespace pellucid::test;

TEST_CASE("random networks: every way to compute them is the plain trace, and maps are what they should add up to") {
    run_random(random_network_plan, 60, [](const Plan& plan) {
        Network network = build(plan);
        const Tensor input = input_of(plan);
        Subject subject(network, input, plan.seed);
        for (const auto check : {check_layers, check_predictor, check_stages, check_line, check_training, check_patches,
                                 check_batch, check_onnx, check_merged, check_occlusion}) {
            if (std::string wrong = check(subject); !wrong.empty()) return wrong;
        }
        return check_sums(subject, homogeneous(plan));
    });
}

TEST_CASE("random structures: drawn from a seed, of every operator, and the same from their text") {
    std::set<std::string> seen;
    bool any_homogeneous = false;
    for (std::uint32_t seed = 0; seed < 300; ++seed) {
        for (const Plan& plan : {random_layer_plan(seed), random_network_plan(seed)}) {
            for (const LayerPlan& layer : plan.layers) seen.insert(layer.op);
            CHECK(to_text(parse_plan(to_text(plan))) == to_text(plan));
        }
        any_homogeneous = any_homogeneous || homogeneous(random_network_plan(seed));
    }
    CHECK(seen.size() == operators().size());
    CHECK(any_homogeneous);
    CHECK_THROWS_AS(parse_plan("seed 1 input 1 2 3 1 | conv@0 3 3"), std::invalid_argument);
    CHECK_THROWS_AS(parse_plan("seed 1 input 1 2 3 1 | rotate@0"), std::invalid_argument);
}
