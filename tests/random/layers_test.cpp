/// Single layers of every operator at sizes nobody wrote down, alone and with what is fused behind them.
#include "checks.hpp"
#include "generate.hpp"
#include "run.hpp"

#include <doctest/doctest.h>

using namespace pellucid;
using namespace pellucid::test;

TEST_CASE("random layers: forward, adjoint and gradients are sums in double; fused forms are the plain trace") {
    run_random(random_layer_plan, 400, [](const Plan& plan) {
        Network network = build(plan);
        const Tensor input = input_of(plan);
        Subject subject(network, input, plan.seed);
        for (const auto check : {check_layers, check_adjoints, check_predictor, check_stages, check_line, check_patches,
                                 check_batch, check_onnx}) {
            if (std::string wrong = check(subject); !wrong.empty()) return wrong;
        }
        return std::string();
    });
}
