// ONNX's own tests of its operators (the folders onnx/backend/test/data/node of the package onnx), read by our importer
// and compared with the outputs that come with them. Skipped unless asked for, as node_tests.test.mjs does:
//   PELLUCID_ONNX_NODE_TESTS=folder PELLUCID_ONNX_NODE_REPORT=file pellucid_tests --no-skip --test-case="onnx node
//     tests"
//
// Each test is a graph of mostly one operator whose inputs, weights among them, are all given at run time. Our networks
// take one image and have their weights inside, so the graph is written again: its first input stays, what the others
// were given becomes stored weights. Functions of single numbers (Relu, …) read (N, F) where the test has other axes.

#include "pellucid/error.hpp"
#include "pellucid/data/file.hpp"
#include "pellucid/nn/onnx.hpp"
#include "pellucid/nn/onnx/array.hpp"
#include "pellucid/nn/predictor.hpp"

#include <nlohmann/json.hpp>
#include <protozero/pbf_reader.hpp>
#include <protozero/pbf_writer.hpp>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>

using namespace pellucid;
namespace fs = std::filesystem;
namespace field = pellucid::onnx::field;

namespace {

using Dims = std::vector<std::size_t>;

/// Why a test cannot be put as a question to one of our networks.
struct NotApplicable {
    std::string reason;
};

std::string text_of(const fs::path& path) {
    const Bytes bytes = read_file(path.string());
    return {bytes.begin(), bytes.end()};
}
std::span<const std::byte> bytes_of(const std::string& text) { return std::as_bytes(std::span(text)); }

/// A file that holds nothing but a tensor.
onnx::Array array_of(const std::string& tensor) {
    std::string model;
    {
        protozero::pbf_writer writer(model);
        protozero::pbf_writer graph(writer, field::model::graph);
        graph.add_message(field::graph::initializer, tensor);
    }
    try {
        return onnx::read_array(onnx::parse(bytes_of(model)).graph->initializers.at(0));
    } catch (const Error& error) {
        throw NotApplicable{fmt::format("a value is no array of floats or int64: {}", error.what())};
    }
}

/// Calls visit(tag, bytes of the whole field, bytes of the message in it) for every field of a message.
template <typename Visit>
void each_field(const protozero::data_view& message, const Visit& visit) {
    protozero::pbf_reader reader(message);
    const char* begin = reader.data().data();
    while (reader.next()) {
        const auto tag = reader.tag();
        protozero::data_view inner;
        if (reader.wire_type() == protozero::pbf_wire_type::length_delimited) {
            inner = reader.get_view();
        } else {
            reader.skip();
        }
        const char* end = reader.data().data();
        visit(tag, std::string(begin, end), inner);
        begin = end;
    }
}

std::string input_info(std::string_view name, std::int32_t type, const Dims& dims) {
    std::string info;
    protozero::pbf_writer writer(info);
    writer.add_string(field::value_info::name, name.data(), name.size());
    protozero::pbf_writer value(writer, field::value_info::type);
    protozero::pbf_writer tensor(value, field::type::tensor);
    tensor.add_int32(field::tensor_type::elem_type, type);
    protozero::pbf_writer shape(tensor, field::tensor_type::shape);
    for (const std::size_t dim : dims) {
        protozero::pbf_writer axis(shape, field::shape::dim);
        axis.add_int64(field::dimension::value, static_cast<std::int64_t>(dim));
    }
    return info;
}

/// The tensor under the name that the graph has for it.
std::string renamed(const std::string& tensor, std::string_view name) {
    std::string result;
    each_field(protozero::data_view(tensor), [&](auto tag, const std::string& whole, auto) {
        if (tag != field::tensor::name) result += whole;
    });
    protozero::pbf_writer writer(result);
    writer.add_string(field::tensor::name, name.data(), name.size());
    return result;
}

struct Given {
    std::string name, tensor;
};

/// The model with one input of these axes, everything else that was given as weights, and its first output alone.
std::string rewritten(const std::string& model, const std::string& input, const std::vector<Given>& weights) {
    std::string result;
    each_field(protozero::data_view(model), [&](auto tag, const std::string& whole, const protozero::data_view& inner) {
        if (tag != field::model::graph) {
            result += whole;
            return;
        }
        std::string graph;
        bool has_output = false;
        each_field(inner, [&](auto part, const std::string& bytes, auto) {
            const bool is_output = part == field::graph::output;
            if (part != field::graph::input && !(is_output && has_output)) graph += bytes;
            has_output = has_output || is_output;
        });
        protozero::pbf_writer writer(graph);
        writer.add_message(field::graph::input, input);
        for (const Given& given : weights) {
            writer.add_message(field::graph::initializer, renamed(given.tensor, given.name));
        }
        protozero::pbf_writer(result).add_message(field::model::graph, graph);
    });
    return result;
}

bool works_on_single_numbers(const onnx::GraphProto& graph) {
    const std::set<std::string_view> such{"Dropout", "Identity", "LeakyRelu", "Relu", "Sigmoid", "Tanh"};
    return std::ranges::all_of(graph.nodes, [&](const onnx::NodeProto& node) { return such.contains(node.op); });
}

/// Our axes of an image or vector.
Tensor tensor_of(const Dims& dims, const std::vector<float>& values, bool channels_last) {
    const bool image = dims.size() == 4;
    const std::size_t c = !image ? dims[1] : channels_last ? dims[3] : dims[1];
    const std::size_t h = !image ? 1 : channels_last ? dims[1] : dims[2];
    const std::size_t w = !image ? 1 : channels_last ? dims[2] : dims[3];
    Tensor result = zeros({dims[0], h, w, c});
    for (std::size_t i = 0; i < values.size(); ++i) {
        const std::size_t in_sample = i % (h * w * c), n = i / (h * w * c);
        const std::size_t k = channels_last ? in_sample % c : in_sample / (h * w);
        const std::size_t place = channels_last ? in_sample / c : in_sample % (h * w);
        result(n, place / w, place % w, k) = values[i];
    }
    return result;
}

/// Largest difference, relative above 1; infinite where one alone is no number or the numbers are not as many.
double difference(const Tensor& ours, const Dims& dims, const std::vector<float>& theirs) {
    if (ours.size() != theirs.size()) return INFINITY;
    const Shape& shape = ours.shape();
    if (!dims.empty() && shape[0] != dims[0]) return INFINITY;
    const Dims image{shape[0], shape[3], shape[1], shape[2]};
    if (dims.size() == 4 && dims != image) return INFINITY;
    const Tensor expected = tensor_of(image, theirs, false);
    double worst = 0;
    for (std::size_t i = 0; i < ours.size(); ++i) {
        const double a = ours.data()[i], b = expected.data()[i];
        if (std::isnan(a) && std::isnan(b)) continue;
        if (a == b) continue;
        const double apart = std::abs(a - b) / std::max(1.0, std::abs(b));
        worst = std::isnan(apart) ? INFINITY : std::max(worst, apart);
    }
    return worst;
}

struct Outcome {
    std::string outcome;  ///< "passed", "not applicable", "refused", "failed"
    std::string words;
    double worst = 0;
};

Outcome run_node_test(const fs::path& folder, const std::string& model, const onnx::ModelProto& parsed) {
    const onnx::GraphProto& graph = *parsed.graph;
    if (graph.inputs.empty()) throw NotApplicable{"it has no input"};
    if (std::ranges::all_of(graph.nodes, [](const onnx::NodeProto& node) { return node.op == "Identity"; }))
        throw NotApplicable{"it computes nothing"};
    std::vector<std::string> words;
    double worst = 0;
    std::size_t sets = 0;
    for (const auto& set : fs::directory_iterator(folder)) {
        if (!set.is_directory()) continue;
        ++sets;
        std::vector<Given> given;
        for (std::size_t i = 0; i < graph.inputs.size(); ++i) {
            const fs::path path = set.path() / fmt::format("input_{}.pb", i);
            if (!fs::exists(path)) throw NotApplicable{"an optional input has no value"};
            given.push_back({std::string(graph.inputs[i].name), text_of(path)});
        }
        const onnx::ValueInfo& info = graph.inputs[0];
        if (info.type != field::tensor::FLOAT && info.type != field::tensor::DOUBLE)
            throw NotApplicable{"its input holds no floats"};
        const onnx::Array image = array_of(given[0].tensor);
        const onnx::Array expected = array_of(text_of(set.path() / "output_0.pb"));
        if (expected.is_integer) throw NotApplicable{"its output holds integers"};
        Dims dims = image.dims;
        if (dims.size() != 4 && dims.size() != 2) {
            if (!works_on_single_numbers(graph) || image.floats.empty())
                throw NotApplicable{fmt::format("its input has {} axes; ours have 4 or 2", dims.size())};
            const std::size_t first = dims.size() < 2 ? 1 : dims[0];
            dims = {first, image.size() / first};
            words.push_back(fmt::format("as ({}, {})", dims[0], dims[1]));
        }
        if (graph.outputs.size() > 1) words.push_back("its first output");
        given.erase(given.begin());
        const std::string ours = rewritten(model, input_info(info.name, info.type, dims), given);
        const Network network = read_onnx(bytes_of(ours));
        const bool channels_last = dims.size() == 4 && network.input_shape() != Shape{1, dims[2], dims[3], dims[1]};
        const Tensor input = tensor_of(dims, image.floats, channels_last);
        // As it was read, without a trace, and as we write it.
        Trace trace;
        network.forward(input, trace);
        const std::string again = write_onnx(network);
        const Network written = read_onnx(bytes_of(again));
        Trace second;
        written.forward(input, second);
        Predictor predictor(network, network.output());
        const Dims shape = image.dims == dims ? expected.dims : Dims{};
        for (const Tensor& answer : {trace.values.back(), second.values.back(), predictor(input)}) {
            worst = std::max(worst, difference(answer, shape, expected.floats));
        }
    }
    if (sets == 0) throw NotApplicable{"it comes without numbers"};
    constexpr double tolerance = 1e-5;
    return {worst <= tolerance ? "passed" : "failed", fmt::format("{}", comma_separated(words)), worst};
}

/// What the importer says that it supports, where it refuses an operator that does not exist.
std::set<std::string> supported_operators(const std::string& any_model) {
    std::string model = any_model;
    const auto parsed = onnx::parse(bytes_of(any_model));
    const std::string_view op = parsed.graph->nodes.at(0).op;
    std::fill_n(model.begin() + (op.data() - any_model.data()), op.size(), '?');
    try {
        read_onnx(bytes_of(model));
    } catch (const Error& error) {
        const std::string sentence = error.what();
        const std::string word = "supported: ";
        std::set<std::string> result;
        std::string name;
        const auto keep = [&] {
            if (!name.empty()) result.insert(name);
            name.clear();
        };
        for (const char letter : sentence.substr(sentence.rfind(word) + word.size())) {
            if (std::isalnum(static_cast<unsigned char>(letter)) != 0) {
                name += letter;
            } else {
                keep();
            }
        }
        keep();
        return result;
    }
    return {};
}

}  // namespace

TEST_CASE("onnx node tests" * doctest::skip()) {
    const char* root = std::getenv("PELLUCID_ONNX_NODE_TESTS");
    const char* report = std::getenv("PELLUCID_ONNX_NODE_REPORT");
    REQUIRE_MESSAGE((root != nullptr && report != nullptr), "PELLUCID_ONNX_NODE_TESTS or …_REPORT names no place");
    std::vector<fs::path> folders;
    for (const auto& entry : fs::directory_iterator(root)) folders.push_back(entry.path());
    std::ranges::sort(folders);
    const auto supported = supported_operators(text_of(fs::path(root) / "test_maxpool_2d_default/model.onnx"));
    REQUIRE(supported.contains("Conv"));
    nlohmann::json rows = nlohmann::json::array();
    for (const fs::path& folder : folders) {
        const std::string model = text_of(folder / "model.onnx");
        Outcome outcome;
        std::set<std::string> ops;
        try {
            const onnx::ModelProto parsed = onnx::parse(bytes_of(model));
            for (const onnx::NodeProto& node : parsed.graph->nodes) {
                ops.insert(node.domain.empty() ? std::string(node.op) : fmt::format("{}.{}", node.domain, node.op));
            }
            if (!std::ranges::includes(supported, ops)) continue;
            outcome = run_node_test(folder, model, parsed);
        } catch (const NotApplicable& why) {
            outcome = {"not applicable", why.reason};
        } catch (const Error& error) {
            // These files are sound: only "unsupported" is true of them.
            const bool refused = error.code() == ErrorCode::unsupported;
            outcome = {refused ? "refused" : "failed", fmt::format("{}: {}", to_string(error.code()), error.what())};
        }
        rows.push_back({{"test", folder.filename().string()},
                        {"operators", ops},
                        {"outcome", outcome.outcome},
                        {"words", outcome.words},
                        {"worst", std::isfinite(outcome.worst) ? nlohmann::json(outcome.worst) : nlohmann::json()}});
    }
    std::ofstream(report) << rows.dump(1, ' ', false, nlohmann::json::error_handler_t::replace);
    REQUIRE(std::ifstream(report).good());
}
