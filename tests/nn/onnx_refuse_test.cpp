// What is refused, with which words.

#include "onnx_hand_made.hpp"

#include "pellucid/error.hpp"
#include "pellucid/nn/onnx/proto.hpp"

#include <functional>
#include <limits>

using namespace pellucid;
using namespace pellucid::test;

namespace {

struct Refused {
    const char* what;
    std::function<void(HandMade&)> build;
    ErrorCode code;
    const char* words;
};

void check(const std::vector<Refused>& cases, const Dims& input = {2, 6, 6}) {
    for (const auto& [what, build, code, words] : cases) {
        CAPTURE(std::string(what));
        HandMade graph(input);
        build(graph);
        try {
            read(graph.bytes());
            FAIL_CHECK("it was read");
        } catch (const Error& error) {
            CAPTURE(error.what());
            CHECK(error.code() == code);
            CHECK(std::string(error.what()).find(words) != std::string::npos);
        }
    }
}

constexpr std::int64_t huge = std::numeric_limits<std::int64_t>::max();
const auto bad_file = ErrorCode::bad_file;
const auto unsupported = ErrorCode::unsupported;

}  // namespace

TEST_CASE("onnx: what pellucid does not compute is refused by operator and node") {
    const auto conv = [](Attributes attributes) {
        return
            [attributes](HandMade& g) { g.array("w", {4, 2, 3, 3}).node("Conv", {"x", "w"}, "y", attributes, "c1"); };
    };
    const auto one = [](const char* op, Attributes attributes = {}) {
        return [op, attributes](HandMade& g) { g.node(op, {"x"}, "y", attributes); };
    };
    check({
        {"operator", [](HandMade& g) { g.node("LSTM", {"x"}, "y", {}, "rnn1"); }, unsupported,
         "operator 'LSTM' (node 'rnn1') is not supported; supported: Constant, Abs, Add, AveragePool, "},
        {"nameless", [](HandMade& g) { g.node("Sin", {"x"}, "y", {}, ""); }, unsupported,
         "operator 'Sin' (nameless node that writes 'y')"},
        {"old",
         [](HandMade& g) {
             g.opset = 6;
             g.node("Relu", {"x"}, "y");
         },
         unsupported, "operator set 6; supported are 7 to 25"},
        {"new",
         [](HandMade& g) {
             g.opset = 26;
             g.node("Relu", {"x"}, "y");
         },
         unsupported, "operator set 26; supported are 7 to 25"},
        {"dilated pool", one("MaxPool", {{"kernel_shape", Dims{2, 2}}, {"dilations", Dims{1, 2}}}), unsupported,
         "operator 'MaxPool' (node 'n'): dilation 2"},
        {"large dilation", conv({{"dilations", Dims{1500, 1500}}}), unsupported, "it has 72048008 weights"},
        {"attribute", conv({{"fused_activation", std::int64_t{1}}}), unsupported,
         "attribute 'fused_activation' is not supported"},
        {"three axes", conv({{"strides", Dims{1, 1, 1}}}), unsupported, "attribute strides has 3 numbers"},
        {"axis of softmax", one("Softmax", {{"axis", std::int64_t{3}}}), unsupported, "axis 3"},
        {"default axis of softmax", one("Softmax"), unsupported, "axis -1"},
        {"softmax over all",
         [](HandMade& g) {
             g.opset = 12;
             g.node("Softmax", {"x"}, "y");
         },
         unsupported, "axis 1 is not supported here"},
        {"axis of flatten", one("Flatten", {{"axis", std::int64_t{2}}}), unsupported, "axis 2"},
        {"transpose", one("Transpose", {{"perm", Dims{0, 1, 3, 2}}}), unsupported,
         "perm = (0, 1, 3, 2) of (N, C, H, W)"},
        {"training",
         [](HandMade& g) {
             for (const char* name : {"a", "b", "c", "d"}) g.array(name, {2});
             g.node("BatchNormalization", {"x", "a", "b", "c", "d"}, "y", {{"training_mode", std::int64_t{1}}});
         },
         unsupported, "training_mode = 1"},
        {"no flatten", [](HandMade& g) { g.array("w", {2, 3}).node("MatMul", {"x", "w"}, "y"); }, unsupported,
         "a Flatten to (N, F)"},
        {"two values", [](HandMade& g) { g.node("MatMul", {"x", "x"}, "y"); }, unsupported,
         "(values of the network) × (stored weights)"},
        {"left weights", [](HandMade& g) { g.array("w", {2, 3}).node("MatMul", {"w", "x"}, "y"); }, unsupported,
         "× (stored weights)"},
        {"reshape", [](HandMade& g) { g.ints("s", {0, 3, -1}).node("Reshape", {"x", "s"}, "y"); }, unsupported,
         "a Reshape of (N, 2, 6, 6) to (0, 3, -1)"},
        {"computed reshape",
         [](HandMade& g) {
             g.ints("i", {1}).node("Shape", {"x"}, "s").node("Gather", {"s", "i"}, "c");
             g.node("Concat", {"c", "s"}, "t", {{"axis", std::int64_t{0}}}).node("Reshape", {"x", "t"}, "y");
         },
         unsupported, "a Reshape of (N, 2, 6, 6) to (2, N, 2, 6, 6)"},
        {"joined rows", [](HandMade& g) { g.node("Concat", {"x", "x"}, "y", {{"axis", std::int64_t{2}}}); },
         unsupported, "axis = 2"},
        {"joined orders",
         [](HandMade& g) {
             g.node("Flatten", {"x"}, "f").node("Concat", {"f", "f"}, "y", {{"axis", std::int64_t{1}}});
         },
         unsupported, "a flattened image beside other features"},
        {"product of values", [](HandMade& g) { g.node("Sigmoid", {"x"}, "s").node("Mul", {"s", "s"}, "y"); },
         unsupported, "those that make up a known activation (SiLU, "},
        {"product of values in between",
         [](HandMade& g) { g.node("Sigmoid", {"x"}, "s").node("Mul", {"s", "s"}, "m").node("MaxPool", {"m"}, "y"); },
         unsupported, "it reads 'm', a product or power of the network's values"},
        {"product of strangers",
         [](HandMade& g) { g.array("w", {2, 2, 1, 1}).node("Conv", {"x", "w"}, "c").node("Mul", {"x", "c"}, "y"); },
         unsupported, "two values of the network"},
        {"inverse", [](HandMade& g) { g.array("c", {1}).node("Div", {"c", "x"}, "y"); }, unsupported,
         "a constant divided by a value"},
        {"padding of channels", [](HandMade& g) { g.ints("p", {0, 1, 0, 0, 0, 0, 0, 0}).node("Pad", {"x", "p"}, "y"); },
         unsupported, "padding of 1 and 0 along axis 1"},
        {"cut", [](HandMade& g) { g.ints("p", {0, 0, -1, 0, 0, 0, 0, 0}).node("Pad", {"x", "p"}, "y"); }, unsupported,
         "padding of -1 and 0 along axis 2"},
        {"padded by ones",
         [](HandMade& g) {
             g.ints("p", {0, 0, 1, 0, 0, 0, 0, 0}).floats("v", {}, {1}).node("Pad", {"x", "p", "v"}, "y");
         },
         unsupported, "padding with 1 is not supported"},
        {"slopes", [](HandMade& g) { g.array("a", {2, 1, 1}).node("PRelu", {"x", "a"}, "y"); }, unsupported,
         "slopes that differ"},
        {"sizes of the batch",
         [](HandMade& g) {
             g.ints("i", {0}).ints("f", {-1}).node("Shape", {"x"}, "s").node("Gather", {"s", "i"}, "n");
             g.node("Mul", {"n", "n"}, "m").node("Concat", {"m", "f"}, "t", {{"axis", std::int64_t{0}}});
             g.node("Reshape", {"x", "t"}, "y");
         },
         unsupported, "operator 'Mul' (node 'n'): this arithmetic on sizes"},
        {"picked values", [](HandMade& g) { g.ints("i", {0}).node("Gather", {"x", "i"}, "y"); }, unsupported,
         "for sizes only, as in the shape of a Reshape"},
        {"batch of one", [](HandMade& g) { g.ints("s", {1, -1}).node("Reshape", {"x", "s"}, "y"); }, unsupported,
         "supported: to (N, -1)"},
        {"constant per pixel elsewhere",
         [](HandMade& g) { g.array("c", {6, 1}).node("Relu", {"x"}, "r").node("Add", {"r", "c"}, "y"); }, unsupported,
         "a constant with the axes (6, 1) is not supported; supported: one number, or one per channel"},
        {"constant per pixel",
         [](HandMade& g) {
             g.array("w", {4, 2, 6, 1})
                 .array("c", {1, 6})
                 .node("Conv", {"x", "w"}, "z")
                 .node("Add", {"z", "c"}, "y", {}, "bias");
         },
         unsupported, "operator 'Add' (node 'bias'): of constants only one number per output"},
        {"sum of sizes", [](HandMade& g) { g.node("GlobalAveragePool", {"x"}, "a").node("Add", {"x", "a"}, "y"); },
         unsupported, "different shapes"},
        {"sum of orders",
         [](HandMade& g) {
             g.array("w", {72, 72})
                 .node("Flatten", {"x"}, "f")
                 .node("MatMul", {"f", "w"}, "m")
                 .node("Add", {"m", "f"}, "y", {}, "sum");
         },
         unsupported, "operator 'Add' (node 'sum'): a flattened image cannot be added to features in another order"},
        {"flattened end", one("Flatten"), unsupported, "ends in a flattened image"},
        {"cubic",
         [](HandMade& g) {
             g.floats("s", {4}, {1, 1, 2, 2})
                 .node("Resize", {"x", "", "s"}, "y", {{"mode", std::string_view("cubic")}});
         },
         unsupported, "mode 'cubic'"},
        {"corners",
         [](HandMade& g) {
             g.floats("s", {4}, {1, 1, 2, 2})
                 .node("Resize", {"x", "", "s"}, "y",
                       {{"mode", std::string_view("linear")},
                        {"coordinate_transformation_mode", std::string_view("align_corners")}});
         },
         unsupported, "coordinate_transformation_mode 'align_corners' is not supported for 6×6 → 12×12"},
        {"rounding",
         [](HandMade& g) {
             g.floats("s", {4}, {1, 1, 2, 1})
                 .node("Resize", {"x", "", "s"}, "y", {{"nearest_mode", std::string_view("ceil")}});
         },
         unsupported, "'half_pixel' with nearest_mode 'ceil'"},
        {"channels", [](HandMade& g) { g.floats("s", {4}, {1, 2, 1, 1}).node("Resize", {"x", "", "s"}, "y"); },
         unsupported, "only rows and columns"},
        {"computed weights", [](HandMade& g) { g.node("Relu", {"x"}, "w").node("Conv", {"x", "w"}, "y"); }, unsupported,
         "input 'w' has to be a stored array"},
        {"two inputs",
         [](HandMade& g) {
             g.writer.set_input("x2", {1});
             g.node("Relu", {"x"}, "y");
         },
         unsupported, "the graph has 2 inputs"},
        {"two ends",
         [](HandMade& g) {
             g.writer.set_output("z", {1});
             g.node("Relu", {"x"}, "z").node("Tanh", {"x"}, "y");
         },
         unsupported, "the graph has several outputs, and 'z' does not lie on the way to 'y'"},
    });
}

TEST_CASE("onnx: what contradicts itself is refused as a bad file") {
    const auto relu = [](HandMade& g) { g.node("Relu", {"x"}, "y"); };
    const auto conv = [](Attributes attributes) {
        return
            [attributes](HandMade& g) { g.array("w", {4, 2, 3, 3}).node("Conv", {"x", "w"}, "y", attributes, "c1"); };
    };
    const auto weights = [](Dims dims, std::size_t held) {
        return
            [dims, held](HandMade& g) { g.floats("w", dims, std::vector<float>(held)).node("Conv", {"x", "w"}, "y"); };
    };
    const auto pool = [](Attributes attributes) {
        return [attributes](HandMade& g) { g.node("MaxPool", {"x"}, "y", attributes, "p1"); };
    };
    const auto scales = [](float scale) {
        return [scale](HandMade& g) { g.floats("s", {4}, {1, 1, scale, 1}).node("Resize", {"x", "", "s"}, "y"); };
    };
    check({
        {"missing weights", [](HandMade& g) { g.node("Conv", {"x", "w"}, "y", {}, "c1"); }, bad_file,
         "operator 'Conv' (node 'c1'): it reads 'w', which the file does not hold"},
        {"no weights", [](HandMade& g) { g.node("Conv", {"x"}, "y"); }, bad_file, "input 1 is missing"},
        {"cycle", [](HandMade& g) { g.node("Add", {"x", "b"}, "a").node("Relu", {"a"}, "b").node("Relu", {"b"}, "y"); },
         bad_file, "it reads 'b', which no earlier node writes"},
        {"cycle of one", [](HandMade& g) { g.node("Relu", {"y"}, "y"); }, bad_file, "it reads 'y'"},
        {"cycle of aliases",
         [](HandMade& g) { g.node("Identity", {"x", "b"}, "a").node("Identity", {"a"}, "b").node("Relu", {"a"}, "y"); },
         bad_file, "it reads 2 values; right are at most 1"},
        {"no output", [](HandMade& g) { g.node("Relu", {"x"}, "z"); }, bad_file,
         "no node writes the graph's output 'y'"},
        {"written twice", [](HandMade& g) { g.node("Relu", {"x"}, "y").node("Tanh", {"x"}, "y"); }, bad_file,
         "'y' is written twice"},
        {"input overwritten", [](HandMade& g) { g.node("Relu", {"x"}, "x").node("Tanh", {"x"}, "y"); }, bad_file,
         "'x' is written twice"},
        {"weights overwritten",
         [](HandMade& g) { g.array("w", {1}).node("Relu", {"x"}, "w").node("Tanh", {"w"}, "y"); }, bad_file,
         "'w' is written twice"},
        {"defined twice",
         [&](HandMade& g) {
             g.array("w", {1}).array("w", {1});
             relu(g);
         },
         bad_file, "'w' is defined twice"},
        {"nothing", [](HandMade& g) { g.node("Identity", {"x"}, "y"); }, bad_file, "computes nothing"},
        {"too few weights", weights({4, 2, 3, 3}, 71), bad_file,
         "array 'w' has to hold 72 numbers by its axes, the file holds 71"},
        {"too many weights", weights({4, 2, 3, 3}, 73), bad_file, "the file holds 73"},
        {"negative axis", weights({4, -2, 3, 3}, 72), bad_file, "array 'w' has an axis of -2 elements"},
        {"overflow", weights({huge, huge, 3, 3}, 9), bad_file, "promise more numbers than can be"},
        {"wrapping overflow", weights({std::int64_t{1} << 32, std::int64_t{1} << 32, 1, 1}, 0), bad_file,
         "promise more numbers"},
        {"empty weights", weights({0, huge, 3, 3}, 0), bad_file,
         "expected are floats with the axes (any, any, any, any)"},
        {"three axes", weights({4, 2, 9}, 72), bad_file, "input 'w' has the axes (4, 2, 9)"},
        {"integer weights", [](HandMade& g) { g.ints("w", {1, 2}).node("Conv", {"x", "w"}, "y"); }, bad_file,
         "of integers"},
        {"channels", weights({4, 3, 3, 3}, 108), bad_file, "a Conv of 3 input channels cannot read (1, 6, 6, 2)"},
        {"bias", [](HandMade& g) { g.array("w", {4, 2, 3, 3}).array("b", {3}).node("Conv", {"x", "w", "b"}, "y"); },
         bad_file, "input 'b' has the axes (3), expected are floats with the axes (4)"},
        {"kernel_shape", conv({{"kernel_shape", Dims{3, 2}}}), bad_file, "kernel_shape (3, 2) does not fit"},
        {"large kernel", weights({1, 2, 7, 1}, 14), bad_file, "kernel cannot read (1, 6, 6, 2)"},
        {"negative padding", conv({{"pads", Dims{0, 0, -1, 0}}}), bad_file, "attribute pads holds -1"},
        {"huge padding", conv({{"pads", Dims{huge, 0, huge, 0}}}), bad_file,
         "attribute pads holds 9223372036854775807; right is 0 … 10000"},
        {"groups", conv({{"group", std::int64_t{3}}}), bad_file, "4 outputs cannot be in 3 groups"},
        {"inputs of groups", conv({{"group", std::int64_t{2}}}), bad_file,
         "a Conv of 4 input channels cannot read (1, 6, 6, 2)"},
        {"division by 0", [](HandMade& g) { g.floats("c", {}, {0}).node("Div", {"x", "c"}, "y"); }, bad_file,
         "it takes channel 0 by 0"},
        {"bounds", [](HandMade& g) { g.floats("a", {}, {2}).floats("b", {}, {1}).node("Clip", {"x", "a", "b"}, "y"); },
         bad_file, "its least value 2 is above its largest, 1"},
        {"no stride", conv({{"strides", Dims{0, 1}}}), bad_file, "attribute strides holds 0; right is 1 … 10000"},
        {"auto_pad", conv({{"auto_pad", std::string_view("SAME")}}), bad_file, "auto_pad 'SAME'"},
        {"too large",
         [](HandMade& g) {
             g.array("w", {2, 2, 1, 1});
             g.node("ConvTranspose", {"x", "w"}, "a", {{"strides", Dims{9000, 9000}}}).node("Relu", {"a"}, "y");
         },
         bad_file, "is too large"},
        {"no window", pool({}), bad_file, "attribute kernel_shape is missing"},
        {"padding of window", pool({{"kernel_shape", Dims{2, 2}}, {"pads", Dims{2, 0, 0, 0}}}), bad_file,
         "operator 'MaxPool' (node 'p1'): MaxPool with a 2×2 window"},
        {"window", pool({{"kernel_shape", Dims{7, 7}}}), bad_file, "operator 'MaxPool' (node 'p1'): "},
        {"scale 0", scales(0), bad_file, "scales 6 pixels by 0"},
        {"scale < 0", scales(-1), bad_file, "scales 6 pixels by -1"},
        {"scale to nothing", scales(0.1F), bad_file, "leaves none"},
        {"scale huge", scales(1e30F), bad_file, "scales 6 pixels by"},
        {"scale NaN", scales(std::numeric_limits<float>::quiet_NaN()), bad_file, "scales 6 pixels by"},
        {"ratio", [](HandMade& g) { g.floats("r", {}, {1}).node("Dropout", {"x", "r"}, "y"); }, bad_file,
         "its ratio is 1"},
        {"slope",
         [](HandMade& g) { g.node("LeakyRelu", {"x"}, "y", {{"alpha", std::numeric_limits<float>::infinity()}}); },
         bad_file, "attribute alpha is no finite number"},
        {"variance",
         [](HandMade& g) {
             g.array("a", {2}).floats("v", {2}, {1, -1}).node("BatchNormalization", {"x", "a", "a", "a", "v"}, "y");
         },
         bad_file, "variance + epsilon must be above 0"},
        {"size that is not there",
         [](HandMade& g) {
             g.ints("i", {4})
                 .node("Shape", {"x"}, "s")
                 .node("Gather", {"s", "i"}, "c")
                 .node("Reshape", {"x", "c"}, "y");
         },
         bad_file, "it takes number 4 of 4"},
        {"size as a value", [](HandMade& g) { g.node("Shape", {"x"}, "s").node("Relu", {"s"}, "y"); }, bad_file,
         "it reads 's'"},
        {"size as the end", [](HandMade& g) { g.node("Shape", {"x"}, "y"); }, unsupported,
         "the graph's output 'y' is no value of the network"},
        {"reshaped weights",
         [](HandMade& g) {
             g.array("w", {4}).ints("s", {huge, huge}).node("Reshape", {"w", "s"}, "v").node("MatMul", {"x", "v"}, "y");
         },
         bad_file, "its shape does not fit an array of 4 numbers"},
    });
    check({{"height", relu, bad_file, "axis 2 of input 'x' has -5 elements"}}, {1, -5, 6});
    check({{"width", relu, bad_file, "axis 3 of input 'x' has 9223372036854775807 elements"}}, {1, 5, huge});
    check({{"input", relu, bad_file, "more than the limit"}}, {60'000, 60'000, 60'000});
    check({{"axes", relu, unsupported, "input 'x' has 3 axes; supported: (N, C, H, W) and (N, F)"}}, {5, 5});
}

TEST_CASE("onnx: weights that are used again and again do not fill the memory") {
    HandMade graph({1000});
    graph.array("w", {1000, 1000});
    std::string from = "x";
    for (int i = 0; i < 10'000; ++i) {
        const std::string to = "v" + std::to_string(i);
        graph.node("MatMul", {from, "w"}, to, {}, to);
        from = to;
    }
    graph.node("Relu", {from}, "y");
    CHECK_THROWS_WITH_AS(read(graph.bytes()), doctest::Contains("would fill the memory"), Error);
}

TEST_CASE("onnx: a Dropout that is told to drop is refused, one that is not is read") {
    const auto dropout = [](float ratio, const Dims& dims, std::string_view bytes) {
        return [ratio, dims, bytes](HandMade& g) {
            g.floats("r", {}, {ratio});
            g.writer.add_array("t", dims, onnx::field::tensor::BOOL, bytes);
            g.node("Dropout", {"x", "r", "t"}, "y");
        };
    };
    using namespace std::string_view_literals;
    check({
        {"training", dropout(0.5F, {}, "\1"sv), unsupported, "its training_mode is true"},
        {"no truth value", dropout(0.5F, {}, ""sv), bad_file, "has to hold 1 numbers by its axes, the file holds 0"},
        {"two", dropout(0.5F, {2}, "\0\0"sv), bad_file, "has to be a single truth value"},
        {"a number", [](HandMade& g) { g.floats("t", {}, {1}).node("Dropout", {"x", "", "t"}, "y"); }, bad_file,
         "has to be a single truth value"},
    });
    for (const auto& quiet : {dropout(0.5F, {}, "\0"sv), dropout(0, {1}, "\1"sv)}) {
        HandMade graph({2, 6, 6});
        quiet(graph);
        CHECK(read(graph.bytes()).nodes().size() == 1);
    }
}
