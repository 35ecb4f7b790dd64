// Files by other tools, tests/onnx/foreign, against what onnxruntime answered (see tests/onnx/generate.py).

#include "pellucid/error.hpp"
#include "pellucid/nn/layers.hpp"
#include "pellucid/nn/onnx.hpp"

#include <nlohmann/json.hpp>

#include <cmath>
#include <fstream>

using namespace pellucid;

namespace {

const std::string folder = std::string(PELLUCID_SOURCE_DIR) + "/tests/onnx/foreign/";

/// The input that the generator gave, in our axes. `channels_last`: the file wants (N, H, W, C).
Tensor input_of(const std::vector<std::size_t>& dims, bool channels_last) {
    const auto value = [](std::size_t i) { return static_cast<float>(i * 37 % 101) / 101.0F - 0.25F; };
    const bool first = dims.size() == 4 && !channels_last;
    const std::size_t c = first ? dims[1] : dims.back(), h = dims.size() == 2 ? 1 : dims[first ? 2 : 1],
                      w = dims.size() == 2 ? 1 : dims[first ? 3 : 2];
    Tensor input = zeros({dims[0], h, w, c});
    for (std::size_t n = 0; n < dims[0]; ++n) {
        for (std::size_t y = 0; y < h; ++y) {
            for (std::size_t x = 0; x < w; ++x) {
                for (std::size_t k = 0; k < c; ++k) {
                    input(n, y, x, k) = value(first ? ((n * c + k) * h + y) * w + x : ((n * h + y) * w + x) * c + k);
                }
            }
        }
    }
    return input;
}

/// Numbers in the file's order: (N, C, H, W).
std::vector<float> channels_first(const Tensor& tensor) {
    const auto [n, h, w, c] = tensor.shape();
    std::vector<float> data;
    for (std::size_t i = 0; i < n; ++i) {
        for (std::size_t k = 0; k < c; ++k) {
            for (std::size_t p = 0; p < h * w; ++p) data.push_back(tensor(i, p / w, p % w, k));
        }
    }
    return data;
}

std::vector<std::string> names(const Network& network) {
    std::vector<std::string> result;
    for (const Node& node : network.nodes()) result.push_back(node.name);
    return result;
}

}  // namespace

TEST_CASE("onnx: files by other tools give onnxruntime's numbers") {
    const auto all = nlohmann::json::parse(std::ifstream(folder + "expected.json"));
    REQUIRE(all.size() >= 18);
    for (const auto& [name, expected] : all.items()) {
        CAPTURE(name);
        const Network network = load_onnx(folder + name + ".onnx");
        const auto data = expected["data"].get<std::vector<float>>();
        // Twice: as it was read, and as we write it.
        const std::string ours = write_onnx(network);
        for (const Network& candidate : {network, read_onnx(std::as_bytes(std::span(ours)))}) {
            Trace trace;
            candidate.forward(input_of(expected["input"].get<std::vector<std::size_t>>(), name.starts_with("keras")),
                              trace);
            const std::vector<float> output = channels_first(trace.values.back());
            REQUIRE(output.size() == data.size());
            float worst = 0.0F;
            for (std::size_t i = 0; i < data.size(); ++i) {
                worst = std::max(worst, std::abs(output[i] - data[i]) / std::max(1.0F, std::abs(data[i])));
            }
            CHECK(worst <= 1e-5F);
        }
    }
}

TEST_CASE("onnx: a file's names for its nodes are kept, and only nameless nodes are given one") {
    CHECK(names(load_onnx(folder + "pytorch_script_flatten_opset13.onnx")) ==
          std::vector<std::string>{"/conv1/Conv", "/Relu", "/conv2/Conv", "/Relu_1", "/MaxPool", "/Flatten",
                                   "/fc1/Gemm", "/Relu_2", "/fc2/Gemm"});
    CHECK(names(load_onnx(folder + "cntk.onnx")) ==
          std::vector<std::string>{"Convolution28", "ReLU32", "Pooling66", "Times212_reshape0", "Times212"});
    CHECK(names(load_onnx(folder + "constants.onnx")) == std::vector<std::string>{"conv1", "sigmoid1", "dropout1",
                                                                                  "flatten1", "tanh1", "norm1",
                                                                                  "dense1", "dense2", "softmax1"});
}

TEST_CASE("onnx: a network of another layout is read as what it is") {
    const Network keras = load_onnx(folder + "keras.onnx");
    CHECK(keras.input_shape() == Shape{1, 7, 9, 2});
    // SAME_UPPER: 7 → 4 rows of stride 2 need 2 more, 9 → 5 columns 2 more.
    const auto& conv = dynamic_cast<const Conv2d&>(*keras.nodes()[0].layer);
    CHECK(conv.padding() == Padding{1, 1, 1, 1});
    CHECK(load_onnx(folder + "keras_grey.onnx").input_shape() == Shape{1, 6, 5, 1});
    CHECK(load_onnx(folder + "keras_dense.onnx").input_shape() == Shape{1, 5, 4, 3});
    CHECK(load_onnx(folder + "doubles.onnx").input_shape() == Shape{1, 1, 1, 6});
    const Network constants = load_onnx(folder + "constants.onnx");
    CHECK(dynamic_cast<const Dropout&>(*constants.nodes()[2].layer).rate() == 0.3F);
}
