// Weights that are no numbers are refused when they are read: a ReLU would swallow them.
#include "onnx_networks.hpp"
#include "pellucid/error.hpp"
#include "pellucid/nn/layers.hpp"
#include "pellucid/nn/onnx.hpp"

#include <doctest/doctest.h>

#include <limits>

namespace pellucid {

TEST_CASE("onnx: weights that are NaN or infinite are refused, by the name of their node") {
    for (const float bad : {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
        for (const bool in_bias : {false, true}) {
            Tensor weight = zeros({1, 1, 4, 3});
            Tensor bias = zeros({1, 1, 1, 3});
            (in_bias ? bias : weight).data()[2] = bad;
            Network network({1, 1, 1, 4});
            network.add("damaged", std::make_unique<Dense>(weight, bias));
            const std::string file = write_onnx(network);
            try {
                read_onnx(std::as_bytes(std::span(file)));
                FAIL("read");
            } catch (const Error& error) {
                CHECK(error.code() == ErrorCode::bad_file);
                CHECK(std::string(error.what()).find("damaged") != std::string::npos);
                CHECK(std::string(error.what()).find("finite") != std::string::npos);
            }
        }
    }
}

}  // namespace pellucid
