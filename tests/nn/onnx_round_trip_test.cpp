#include "../support/oracle.hpp"
#include "../support/random_network.hpp"
#include "onnx_networks.hpp"

#include "pellucid/error.hpp"
#include "pellucid/nn/onnx.hpp"

#include <filesystem>

using namespace pellucid;
using namespace pellucid::test;

namespace {

Network read(const std::string& bytes) { return read_onnx(std::as_bytes(std::span(bytes))); }

Tensor output_of(const Network& network, const Tensor& input) {
    Trace trace;
    network.forward(input, trace);
    return trace.values.back();
}

}  // namespace

TEST_CASE("onnx: what is written is read as the same network, to the last bit") {
    for (const auto& [name, network] : onnx_networks()) {
        CAPTURE(name);
        const Network again = read(write_onnx(network));
        REQUIRE(again.input_shape() == network.input_shape());
        REQUIRE(again.nodes().size() == network.nodes().size());
        for (std::size_t i = 0; i < network.nodes().size(); ++i) {
            const Node &a = again.nodes()[i], &b = network.nodes()[i];
            CHECK(a.name == b.name);
            CHECK(a.layer->op() == b.layer->op());
            CHECK(a.inputs == b.inputs);
            CHECK(again.shape(i + 1) == network.shape(i + 1));
        }
        const Tensor input = random_batch(network, 3, 5);
        CHECK(output_of(again, input) == output_of(network, input));
    }
}

TEST_CASE("onnx: writing what was read gives the same bytes") {
    for (const auto& [name, network] : onnx_networks()) {
        CAPTURE(name);
        const std::string bytes = write_onnx(network);
        CHECK(write_onnx(read(bytes)) == bytes);
    }
}

TEST_CASE("onnx: metadata, names and dropout's rate survive") {
    Network network = std::move(onnx_networks().front().network);
    network.metadata = {{"title", "a network"}, {"recipe", ""}, {"accuracy", "99.5 % — ünïcode"}};
    const Network again = read(write_onnx(network));
    CHECK(again.metadata == network.metadata);
    const auto& dropout = dynamic_cast<const Dropout&>(*again.nodes()[again.find("dropout5") - 1].layer);
    CHECK(dropout.rate() == 0.25F);
}

TEST_CASE("onnx: nodes called like our own values do not collide with them") {
    Network network({1, 1, 1, 2});
    network.add("logits", std::make_unique<Activation>(Activation::Function::relu));
    network.add("relu.weight", std::make_unique<Activation>(Activation::Function::tanh));
    network.add("/odd name:0.weight/é", std::make_unique<Activation>(Activation::Function::tanh));
    const Network again = read(write_onnx(network));
    REQUIRE(again.nodes().size() == 3);
    CHECK(again.nodes()[0].name == "logits");
    CHECK(again.nodes()[2].name == "/odd name:0.weight/é");
}

TEST_CASE("onnx: a file is saved and loaded, and errors name it") {
    const auto [name, network] = std::move(onnx_networks().back());
    const std::string path = (std::filesystem::temp_directory_path() / "pellucid_round_trip.onnx").string();
    save_onnx(network, path);
    const Tensor input = random_batch(network, 2, 1);
    CHECK(output_of(load_onnx(path), input) == output_of(network, input));
    std::filesystem::resize_file(path, 100);
    CHECK_THROWS_WITH_AS(load_onnx(path), doctest::Contains(path.c_str()), Error);
    std::filesystem::remove(path);
    CHECK_THROWS_WITH_AS(load_onnx(path), doctest::Contains("No such file"), Error);
    CHECK_THROWS_WITH_AS(load_onnx("/"), doctest::Contains("directory"), Error);
    CHECK_THROWS_AS(save_onnx(network, path + "/nowhere/x.onnx"), Error);
    CHECK_THROWS_AS(write_onnx(Network({1, 2, 2, 1})), Error);
}
