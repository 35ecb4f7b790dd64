// Networks may be thousands of layers deep.
#include "pellucid/methods/method.hpp"
#include "pellucid/nn/layers.hpp"
#include "pellucid/nn/onnx.hpp"

#include <doctest/doctest.h>

using namespace pellucid;

namespace {

Network chain(std::size_t depth, bool norms) {
    Network network({1, 2, 2, 1});
    network.add("conv", std::make_unique<Conv2d>(filled({1, 1, 1, 1}, 0.5F), zeros({1, 1, 1, 1})));
    for (std::size_t i = 0; i < depth; ++i) {
        if (norms && i % 2 == 0) {
            const Shape one{1, 1, 1, 1};
            network.add("norm" + std::to_string(i), std::make_unique<BatchNorm>(filled(one, 1.0F), zeros(one),
                                                                                zeros(one), filled(one, 1.0F), 1e-5F));
        } else {
            network.add("relu" + std::to_string(i), std::make_unique<Activation>(Activation::Function::relu));
        }
        if (norms && i % 2 == 1) {
            network.add("conv" + std::to_string(i),
                        std::make_unique<Conv2d>(filled({1, 1, 1, 1}, 1.0F), zeros({1, 1, 1, 1})));
        }
    }
    network.add("flatten", std::make_unique<Flatten>());
    network.add("dense", std::make_unique<Dense>(filled({1, 1, 4, 2}, 0.25F), zeros({1, 1, 1, 2})));
    return network;
}

}  // namespace

// How long this takes is no test's to judge; a part that grew with the square of the depth would make it minutes.
TEST_CASE("deep chains: thousands of layers from the file to the map, and the numbers are those of a single layer") {
    for (const bool norms : {false, true}) {
        const std::string file = write_onnx(chain(norms ? 2'400 : 8'000, norms));
        Explainer explainer(read_onnx(std::as_bytes(std::span(file))));
        for (const char* id : {"gradient", "integrated_gradients", "lrp", "deeplift", "deep_taylor", "occlusion"}) {
            const Method& method = find_method(id);
            CAPTURE(id);
            CAPTURE(norms);
            Params params(method.card);
            if (method.card.id == "occlusion") params.set("window", std::string_view("1"));
            const Result result = explain(method, {explainer, filled({1, 2, 2, 1}, 1.0F), Target::of_class(1), params});
            CHECK(result.value[0] == doctest::Approx(0.5).epsilon(0.02));
            // f(x) = Σ x/8: every pixel has the same part, whatever divides it up.
            for (const float v : elements(result.map())) CHECK(v == doctest::Approx(0.125).epsilon(0.02));
        }
    }
}
