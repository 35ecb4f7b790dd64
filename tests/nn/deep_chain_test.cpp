// Networks may be thousands of layers deep; what is done with them takes time in proportion.
#include "pellucid/methods/method.hpp"
#include "pellucid/nn/layers.hpp"
#include "pellucid/nn/onnx.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <ctime>

using namespace pellucid;

namespace {

Network chain(std::size_t depth, bool norms) {
    Network network({1, 2, 2, 1});
    network.add("conv", std::make_unique<Conv2d>(filled({1, 1, 1, 1}, 0.5F), zeros({1, 1, 1, 1})));
    for (std::size_t i = 0; i < depth; ++i) {
        if (norms && i % 2 == 0) {
            const Shape one{1, 1, 1, 1};
            network.add("norm" + std::to_string(i), std::make_unique<BatchNorm>(filled(one, 1.0F), zeros(one), zeros(one),
                                                                                  filled(one, 1.0F), 1e-5F));
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

/// From the file to the map, as the command does it: the processor's time, and the least of a few, since others use the
/// machine, too.
double seconds(const Method& method, const std::string& file) {
    double best = 1e9;
    for (int round = 0; round < 4; ++round) {
        const std::clock_t begin = std::clock();
        Explainer explainer(read_onnx(std::as_bytes(std::span(file))));
        Params params(method.card);
        if (method.card.id == "occlusion") params.set("window", std::string_view("1"));
        const Result result = explain(method, {explainer, filled({1, 2, 2, 1}, 1.0F), Target::of_class(1), params});
        REQUIRE(std::abs(result.value[0] - 0.5) < 0.01);
        best = std::min(best, static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC);
    }
    return best;
}

}  // namespace

TEST_CASE("deep chains: four times the layers take about four times as long") {
    for (const bool norms : {false, true}) {
        const std::string small = write_onnx(chain(norms ? 600 : 2'000, norms));
        const std::string large = write_onnx(chain(norms ? 2'400 : 8'000, norms));
        for (const char* id : {"gradient", "integrated_gradients", "lrp", "deeplift", "deep_taylor", "occlusion"}) {
            const Method& method = find_method(id);
            CAPTURE(id);
            CAPTURE(norms);
            // A quadratic part that counts would make it sixteen.
            CHECK(seconds(method, large) < 9.0 * seconds(method, small));
        }
    }
}
