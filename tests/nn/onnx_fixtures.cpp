// Writes files of ours with inputs and outputs for tests/onnx, which lets onnxruntime answer the same.
// Skipped unless asked for: PELLUCID_ONNX_FIXTURES=folder pellucid_tests --no-skip --test-case="onnx fixtures"

#include "../random/generate.hpp"
#include "../support/random_network.hpp"
#include "onnx_networks.hpp"

#include "pellucid/nn/onnx.hpp"

#include <nlohmann/json.hpp>

#include <cstdlib>
#include <filesystem>
#include <fstream>

using namespace pellucid;
using namespace pellucid::test;

namespace {

/// Structures nobody wrote down (tests/random): networks, and single layers between images of more than one pixel.
void add_random(std::vector<NamedNetwork>& networks) {
    const char* text = std::getenv("PELLUCID_RANDOM_SEED");
    const auto first = static_cast<std::uint32_t>(text == nullptr ? 0 : std::strtoul(text, nullptr, 10));
    for (std::uint32_t seed = first; seed < first + 80; ++seed) {
        Network network = build(random_network_plan(seed));
        networks.push_back({"structure" + std::to_string(seed), std::move(network)});
        Network layer = build(random_layer_plan(seed));
        const Shape& in = layer.input_shape();
        const Shape& out = layer.shape(layer.output());
        if (in[1] * in[2] == 1 || (out[1] * out[2] == 1 && layer.nodes().front().layer->op() != "Flatten")) continue;
        networks.push_back({"layer" + std::to_string(seed), std::move(layer)});
    }
}

/// Shape and numbers as ONNX has them: (N, C, H, W), or (N, C) for one pixel where the file says so.
nlohmann::json channels_first(const Tensor& tensor, bool is_vector) {
    const auto [n, h, w, c] = tensor.shape();
    std::vector<float> data;
    for (std::size_t i = 0; i < n; ++i) {
        for (std::size_t channel = 0; channel < c; ++channel) {
            for (std::size_t y = 0; y < h; ++y) {
                for (std::size_t x = 0; x < w; ++x) data.push_back(tensor(i, y, x, channel));
            }
        }
    }
    const std::vector<std::size_t> dims = is_vector ? std::vector{n, c} : std::vector{n, c, h, w};
    return {{"dims", dims}, {"data", data}};
}

}  // namespace

TEST_CASE("onnx fixtures" * doctest::skip()) {
    const char* folder = std::getenv("PELLUCID_ONNX_FIXTURES");
    REQUIRE_MESSAGE(folder != nullptr, "PELLUCID_ONNX_FIXTURES names no folder");
    std::vector<NamedNetwork> networks = onnx_networks();
    for (const auto& file : std::filesystem::directory_iterator(PELLUCID_SOURCE_DIR "/models")) {
        if (file.path().extension() != ".onnx") continue;
        networks.push_back({"model_" + file.path().stem().string(), load_onnx(file.path().string())});
    }
    add_random(networks);
    for (const auto& [name, network] : networks) {
        const std::string path = std::string(folder) + "/" + name;
        const Tensor input = random_batch(network, 3, 7);
        Trace trace;
        network.forward(input, trace);
        const Shape& in = network.input_shape();
        const Shape& out = network.shape(network.output());
        // Images of one pixel only appear inside these networks.
        nlohmann::json json{
            {"input", channels_first(input, in[1] * in[2] == 1)},
            {"output", channels_first(trace.values.back(), out[1] * out[2] == 1)},
            {"output_name", network.logits() == network.output() ? "logits" : network.nodes().back().name}};
        save_onnx(network, path + ".onnx");
        std::ofstream(path + ".json") << json;
        REQUIRE(std::ifstream(path + ".json").good());
    }
}
