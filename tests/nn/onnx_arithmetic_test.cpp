// Arithmetic in files: on sizes and constants while reading, on values as layers.

#include "onnx_hand_made.hpp"

#include "pellucid/error.hpp"
#include "pellucid/nn/layers.hpp"

#include <functional>
#include <limits>

using namespace pellucid;
using namespace pellucid::test;

namespace {

const Layer& layer(const Network& network, std::size_t node) { return *network.nodes().at(node).layer; }

/// The network's numbers for one vector.
std::vector<float> answer(const Network& network, const std::vector<float>& x) {
    Tensor input = zeros({1, 1, 1, x.size()});
    std::copy(x.begin(), x.end(), input.data());
    Trace trace;
    network.forward(input, trace);
    return {trace.values.back().begin(), trace.values.back().end()};
}

/// The same file by another producer: ours always have the channels first.
std::string of_others(std::string bytes) {
    const std::size_t at = bytes.find("pellucid");
    REQUIRE(at != std::string::npos);
    return bytes.replace(at, 8, "somebody");
}

}  // namespace

TEST_CASE("onnx: every way to write the shape of a flattening with an open batch") {
    using Build = std::function<void(HandMade&)>;
    const std::vector<std::pair<const char*, Build>> ways{
        {"tf2onnx: Cast, Slice, Concat",
         [](HandMade& g) {
             g.ints("begin", {0}).ints("end", {1}).ints("rest", {72});
             g.node("Shape", {"x"}, "s").node("Cast", {"s"}, "c", {{"to", std::int64_t{1}}});
             g.node("Slice", {"c", "begin", "end"}, "n")
                 .node("Concat", {"n", "rest"}, "f", {{"axis", std::int64_t{0}}});
             g.node("Cast", {"f"}, "t", {{"to", std::int64_t{7}}});
         }},
        {"the product of all other axes",
         [](HandMade& g) {
             g.ints("begin", {1}).ints("end", {std::numeric_limits<std::int64_t>::max()}).ints("open", {-1});
             g.node("Shape", {"x"}, "s").node("Slice", {"s", "begin", "end"}, "chw");
             g.node("ReduceProd", {"chw"}, "p", {{"keepdims", std::int64_t{1}}});
             g.node("Concat", {"open", "p"}, "t", {{"axis", std::int64_t{0}}});
         }},
        {"channels times rows times columns, squeezed and unsqueezed",
         [](HandMade& g) {
             g.ints("i0", {0}).ints("i1", {1}).ints("i2", {2}).ints("i3", {-1}).ints("axis", {0});
             g.node("Shape", {"x"}, "s");
             for (const char* i : {"0", "1", "2", "3"})
                 g.node("Gather", {"s", std::string("i") + i}, std::string("d") + i)
                     .node("Squeeze", {std::string("d") + i, "axis"}, std::string("q") + i);
             g.node("Mul", {"q1", "q2"}, "m").node("Mul", {"m", "q3"}, "p");
             g.node("Unsqueeze", {"q0", "axis"}, "n").node("Unsqueeze", {"p", "axis"}, "u");
             g.node("Concat", {"n", "u"}, "t", {{"axis", std::int64_t{0}}});
         }},
        {"all of it divided by the batch, which is taken from the start of the shape",
         [](HandMade& g) {
             g.ints("one", {1}).ints("c", {2}).ints("h", {36});
             g.node("Shape", {"x"}, "n", {{"end", std::int64_t{1}}});
             g.node("Mul", {"n", "c"}, "a").node("Mul", {"h", "a"}, "b").node("Div", {"b", "h"}, "d");
             g.node("Div", {"d", "c"}, "e").node("Mul", {"c", "h"}, "p");
             g.node("Concat", {"e", "p"}, "t", {{"axis", std::int64_t{0}}});
         }},
        {"a filled constant",
         [](HandMade& g) {
             g.ints("one", {1})
                 .node("ConstantOfShape", {"one"}, "zero")
                 .node("Cast", {"zero"}, "z", {{"to", std::int64_t{7}}});
             g.ints("less", {-1}).node("Concat", {"z", "less"}, "t", {{"axis", std::int64_t{0}}});
         }},
    };
    for (const auto& [what, build] : ways) {
        CAPTURE(std::string(what));
        HandMade graph;
        graph.array("w", {72, 3});
        build(graph);
        graph.node("Reshape", {"x", "t"}, "r", {}, "view").node("MatMul", {"r", "w"}, "y", {}, "fc");
        const Network network = read(graph.bytes());
        REQUIRE(network.nodes().size() == 2);
        CHECK(layer(network, 0).op() == "Flatten");
        // Feature 1 of ONNX is (c 0, y 0, x 1), which is the third of ours.
        const auto& dense = dynamic_cast<const Dense&>(layer(network, 1));
        CHECK(dense.weight()(0, 0, 2, 0) == 0.1F * 4.0F);
        CHECK(dense.weight()(0, 0, 1, 0) == doctest::Approx(0.1F * (36 * 3 + 1)));
    }
}

TEST_CASE("onnx: arithmetic on constants gives the weights") {
    HandMade graph({2});
    graph
        .floats("v", {1, 2, 3}, {3, 0, 4, 1, 2, 2})  // two rows
        .ints("perm_axes", {0})
        .ints("order", {1, 0})
        .ints("cut", {0})
        .ints("until", {2})
        .ints("axis", {1});
    graph.node("Squeeze", {"v", "perm_axes"}, "m")
        .node("ReduceL2", {"m"}, "length", {{"axes", Dims{1}}, {"keepdims", std::int64_t{1}}})
        .node("Div", {"m", "length"}, "unit")  // weight normalisation: rows of length 1
        .node("Gather", {"unit", "order"}, "swapped", {{"axis", std::int64_t{0}}})
        .node("Slice", {"swapped", "cut", "until", "axis"}, "w")  // the first two columns
        .node("MatMul", {"x", "w"}, "y");
    const Network network = read(graph.bytes());
    const auto& weight = dynamic_cast<const Dense&>(layer(network, 0)).weight();
    const std::vector<float> expected{1.0F / 3, 2.0F / 3, 0.6F, 0.0F};
    for (std::size_t i = 0; i < 4; ++i) CHECK(weight.data()[i] == doctest::Approx(expected[i]).epsilon(1e-6));
}

TEST_CASE("onnx: constants element by element become one affine layer, whatever their order") {
    HandMade graph({3});
    graph.floats("mean", {3}, {1, 2, 3}).floats("std", {1, 3}, {2, 4, 8}).floats("one", {}, {1}).array("w", {3, 2});
    graph.node("Sub", {"x", "mean"}, "a", {}, "normalise")
        .node("Div", {"a", "std"}, "b")
        .node("Sub", {"one", "b"}, "c");
    graph.node("MatMul", {"c", "w"}, "y", {}, "fc");
    const Network network = read(graph.bytes());
    REQUIRE(network.nodes().size() == 2);
    CHECK(network.nodes()[0].name == "normalise");
    const auto& map = dynamic_cast<const Affine&>(layer(network, 0));
    CHECK(map.factor() == std::vector<float>{-0.5F, -0.25F, -0.125F});
    CHECK(map.offset() == std::vector<float>{1.5F, 1.5F, 1.375F});
}

TEST_CASE("onnx: an activation written as several nodes is found by what it computes") {
    struct Way {
        const char* name;
        Activation::Function function;
        std::function<void(HandMade&)> build;
    };
    using enum Activation::Function;
    const std::vector<Way> ways{
        {"SiLU", swish, [](HandMade& g) { g.node("Sigmoid", {"x"}, "s").node("Mul", {"s", "x"}, "y"); }},
        {"GELU, half last", gelu,
         [](HandMade& g) {
             g.floats("r", {}, {1.41421354F}).floats("o", {}, {1}).floats("h", {}, {0.5F});
             g.node("Div", {"x", "r"}, "d").node("Erf", {"d"}, "e").node("Add", {"o", "e"}, "a");
             g.node("Mul", {"x", "a"}, "m").node("Mul", {"m", "h"}, "y");
         }},
        {"GELU, half first", gelu,
         [](HandMade& g) {
             g.floats("r", {}, {0.70710677F}).floats("o", {}, {1}).floats("h", {}, {0.5F});
             g.node("Mul", {"x", "h"}, "m").node("Mul", {"x", "r"}, "d").node("Erf", {"d"}, "e");
             g.node("Add", {"e", "o"}, "a").node("Mul", {"m", "a"}, "y");
         }},
        {"GELU by tanh, cube as products", gelu_tanh,
         [](HandMade& g) {
             g.floats("c", {}, {0.044715F})
                 .floats("k", {}, {0.797884583F})
                 .floats("o", {}, {1})
                 .floats("h", {}, {0.5F});
             g.node("Mul", {"x", "x"}, "xx").node("Mul", {"xx", "x"}, "xxx").node("Mul", {"c", "xxx"}, "cx");
             g.node("Add", {"x", "cx"}, "i").node("Mul", {"k", "i"}, "ki").node("Tanh", {"ki"}, "t");
             g.node("Add", {"t", "o"}, "a").node("Mul", {"x", "a"}, "m").node("Mul", {"m", "h"}, "y");
         }},
        {"Mish", mish,
         [](HandMade& g) { g.node("Softplus", {"x"}, "s").node("Tanh", {"s"}, "t").node("Mul", {"x", "t"}, "y"); }},
        {"HardSwish by a clip", hard_swish,
         [](HandMade& g) {
             g.floats("t", {}, {3}).floats("s", {}, {6}).floats("z", {}, {0});
             g.node("Add", {"x", "t"}, "a").node("Clip", {"a", "z", "s"}, "c").node("Mul", {"x", "c"}, "m");
             g.node("Div", {"m", "s"}, "y");
         }},
        {"Softplus", softplus,
         [](HandMade& g) {
             g.floats("o", {}, {1}).node("Exp", {"x"}, "e").node("Add", {"e", "o"}, "a").node("Log", {"a"}, "y");
         }},
        {"Softplus with another formula far out", softplus,
         [](HandMade& g) {
             g.floats("far", {}, {20}).node("Softplus", {"x"}, "s").node("Greater", {"x", "far"}, "c");
             g.node("Where", {"c", "x", "s"}, "y");
         }},
    };
    for (const auto& [name, function, build] : ways) {
        CAPTURE(std::string(name));
        HandMade graph({4});
        build(graph);
        const Network network = read(graph.bytes());
        REQUIRE(network.nodes().size() == 1);  // the steps are gone
        CHECK(dynamic_cast<const Activation&>(layer(network, 0)).function() == function);
        const std::vector<float> y = answer(network, {-2, 0, 0.5F, 3});
        for (const auto& [i, x] : {std::pair{0, -2.0}, {1, 0.0}, {2, 0.5}, {3, 3.0}})
            CHECK(y[static_cast<std::size_t>(i)] == doctest::Approx(Activation(function).at(x)));
    }
    // What is like an activation near 0 alone is none.
    HandMade other({4});
    other.floats("far", {}, {20})
        .floats("most", {}, {20})
        .node("Softplus", {"x"}, "s")
        .node("Greater", {"x", "far"}, "c");
    other.node("Where", {"c", "most", "s"}, "y");
    CHECK_THROWS_WITH_AS(read(other.bytes()), doctest::Contains("known activation"), Error);
    // Twice SiLU is SiLU, and then twice that.
    HandMade graph({4});
    graph.floats("two", {}, {2})
        .node("Sigmoid", {"x"}, "s")
        .node("Mul", {"s", "two"}, "d")
        .node("Mul", {"d", "x"}, "y");
    const Network network = read(graph.bytes());
    REQUIRE(network.nodes().size() == 2);
    CHECK(answer(network, {1, 2, 3, 4})[2] == doctest::Approx(2 * Activation(swish).at(3)));
}

TEST_CASE("onnx: a clip's bounds are attributes before operator set 11, and inputs behind") {
    for (const std::int64_t opset : {7, 11}) {
        HandMade graph({4});
        graph.opset = opset;
        if (opset == 7) graph.node("Clip", {"x"}, "y", {{"min", 0.0F}, {"max", 6.0F}});
        if (opset == 11) graph.floats("a", {}, {0}).floats("b", {}, {6}).node("Clip", {"x", "a", "b"}, "y");
        CHECK(answer(read(graph.bytes()), {-1, 2, 6, 7}) == std::vector<float>{0, 2, 6, 6});
    }
    HandMade graph({4});
    graph.floats("b", {}, {0.5F}).node("Min", {"b", "x"}, "m").node("Clip", {"m"}, "y");
    CHECK(answer(read(graph.bytes()), {-1, 0, 0.5F, 7}) == std::vector<float>{-1, 0, 0.5F, 0.5F});
    HandMade relu({4});
    relu.floats("z", {}, {0}).node("Max", {"x", "z"}, "y");
    CHECK(layer(read(relu.bytes()), 0).op() == "Relu");
}

TEST_CASE(
    "onnx: a flat input that is made an image at once is that image; channels last are seen through a rescaling") {
    HandMade flat({24});
    flat.array("w", {3, 2, 2, 2})
        .ints("s", {-1, 2, 3, 4})
        .node("Reshape", {"x", "s"}, "i")
        .node("Conv", {"i", "w"}, "y");
    const Network network = read(of_others(flat.bytes()));
    CHECK(network.input_shape() == Shape{1, 3, 4, 2});
    CHECK(network.nodes().size() == 1);
    HandMade last({5, 6, 3});
    last.floats("c", {}, {255}).array("w", {3, 3, 2, 2}).node("Div", {"x", "c"}, "d");
    last.node("Transpose", {"d"}, "t", {{"perm", Dims{0, 3, 1, 2}}}).node("Conv", {"t", "w"}, "y");
    CHECK(read(of_others(last.bytes())).input_shape() == Shape{1, 5, 6, 3});
}
