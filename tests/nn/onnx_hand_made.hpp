/// Small ONNX files made by hand.
#pragma once

#include "pellucid/nn/onnx.hpp"
#include "pellucid/nn/onnx/proto_writer.hpp"

namespace pellucid::test {

using onnx::Attributes;
using onnx::Dims;

inline Network read(const std::string& bytes) { return read_onnx(std::as_bytes(std::span(bytes))); }

/// A graph "x" → "y" under construction. Arrays count up: 0.1, 0.2, ….
struct HandMade {
    onnx::GraphWriter writer;
    std::int64_t opset = 17;

    explicit HandMade(const Dims& input = {2, 6, 6}) { writer.set_input("x", input); }
    HandMade& array(std::string_view name, const Dims& dims) {
        std::int64_t count = 1;
        for (const std::int64_t dim : dims) count *= dim;
        std::vector<float> values(static_cast<std::size_t>(count));
        for (std::size_t i = 0; i < values.size(); ++i) values[i] = 0.1F * static_cast<float>(i + 1);
        writer.add_floats(name, dims, values);
        return *this;
    }
    HandMade& floats(std::string_view name, const Dims& dims, const std::vector<float>& values) {
        writer.add_floats(name, dims, values);
        return *this;
    }
    HandMade& ints(std::string_view name, const std::vector<std::int64_t>& values) {
        writer.add_ints(name, {static_cast<std::int64_t>(values.size())}, values);
        return *this;
    }
    HandMade& node(std::string_view op, const std::vector<std::string>& inputs, std::string_view output,
                   const Attributes& attributes = {}, std::string_view name = "n") {
        writer.add_node(op, name, inputs, output, attributes);
        return *this;
    }
    std::string bytes() {
        writer.set_output("y", {1});
        return writer.finish({}, opset);
    }
};

}  // namespace pellucid::test
