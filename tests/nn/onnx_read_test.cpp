// Oddities that are read.

#include "onnx_hand_made.hpp"

#include "pellucid/error.hpp"
#include "pellucid/nn/layers.hpp"
#include "pellucid/nn/onnx/array.hpp"

using namespace pellucid;
using namespace pellucid::test;

TEST_CASE("onnx: a constant behind weights becomes part of their bias") {
    for (const Dims& dims : {Dims{}, Dims{1}, Dims{4}, Dims{1, 4}}) {
        HandMade graph({3});
        graph.array("w", {3, 4})
            .array("c", dims)
            .node("MatMul", {"x", "w"}, "m", {}, "fc")
            .node("Add", {"c", "m"}, "y", {}, "bias");
        const Network network = read(graph.bytes());
        REQUIRE(network.nodes().size() == 1);
        CHECK(network.nodes()[0].name == "fc");
        const auto& dense = dynamic_cast<const Dense&>(*network.nodes()[0].layer);
        CHECK(dense.bias()(0, 0, 0, 0) == 0.1F);
        CHECK(dense.bias()(0, 0, 0, 3) == (dims == Dims{} || dims == Dims{1} ? 0.1F : 0.4F));
    }
    // Where somebody else wants the value without it, it is a layer of its own.
    HandMade graph({3});
    graph.array("w", {3, 4})
        .array("c", {4})
        .node("MatMul", {"x", "w"}, "m", {}, "fc")
        .node("Add", {"m", "c"}, "a", {}, "bias")
        .node("Add", {"a", "m"}, "y", {}, "sum");
    const Network network = read(graph.bytes());
    REQUIRE(network.nodes().size() == 3);
    const auto& own = dynamic_cast<const Affine&>(*network.nodes()[1].layer);
    CHECK(own.offset() == std::vector<float>{0.1F, 0.2F, 0.3F, 0.4F});
    CHECK(network.nodes()[2].inputs == std::vector<ValueId>{2, 1});
}

TEST_CASE("onnx: nodes that the output does not need are left out, whatever they are") {
    HandMade graph;
    graph.node("Relu", {"x"}, "y", {}, "relu").node("LSTM", {"y"}, "z").node("Shape", {"x"}, "s");
    CHECK(read(graph.bytes()).nodes().size() == 1);
}

TEST_CASE("onnx: an output on the way to another is no second end") {
    HandMade graph;
    graph.writer.set_output("a", {1});
    graph.node("Relu", {"x"}, "a").node("Tanh", {"a"}, "y", {}, "end");
    CHECK(read(graph.bytes()).nodes().back().name == "end");
}

TEST_CASE("onnx: nodes of one name are told apart, and none is called input") {
    HandMade graph;
    graph.node("Relu", {"x"}, "a", {}, "same")
        .node("Relu", {"a"}, "b", {}, "same")
        .node("Relu", {"b"}, "c", {}, "input");
    graph.node("Relu", {"c"}, "d", {}, "").node("Relu", {"d"}, "e", {}, "relu2").node("Relu", {"e"}, "y", {}, "");
    std::vector<std::string> names;
    const Network network = read(graph.bytes());
    for (const Node& node : network.nodes()) names.push_back(node.name);
    CHECK(names == std::vector<std::string>{"same", "same_2", "input_2", "relu1", "relu2", "relu3"});
}

TEST_CASE("onnx: arrays of other types are named, doubles are rounded") {
    onnx::TensorProto stored;
    stored.name = "w";
    stored.dims = {2};
    stored.raw = std::string_view("\0\x3c\0\xbc", 4);
    stored.type = onnx::field::tensor::FLOAT16;
    CHECK_THROWS_WITH_AS(onnx::read_array(stored),
                         doctest::Contains("array 'w' is of type float16; supported: float, double"), Error);
    stored.type = 77;
    CHECK_THROWS_WITH_AS(onnx::read_array(stored), doctest::Contains("of type another type"), Error);
    stored.raw.reset();
    stored.type = onnx::field::tensor::DOUBLE;
    stored.doubles = {0.1, -1e300};
    CHECK(onnx::read_array(stored).floats == std::vector<float>{0.1F, -std::numeric_limits<float>::infinity()});
    stored.is_external = true;
    CHECK_THROWS_WITH_AS(onnx::read_array(stored), doctest::Contains("stored in another file"), Error);
}
