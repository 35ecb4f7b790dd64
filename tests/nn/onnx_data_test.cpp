// Weights in files beside the model, and files that are no ONNX at all.

#include "onnx_hand_made.hpp"

#include "../support/random_network.hpp"

#include "pellucid/data/file.hpp"
#include "pellucid/error.hpp"
#include "pellucid/nn/layers.hpp"
#include "pellucid/nn/onnx/data_files.hpp"

#include <filesystem>

using namespace pellucid;
using namespace pellucid::test;

namespace {

const std::string folder = std::string(PELLUCID_SOURCE_DIR) + "/tests/onnx/foreign/external/";

std::span<const std::byte> bytes_of(const Bytes& bytes) { return std::as_bytes(std::span(bytes)); }

/// A model of one array of 4 floats that is stored elsewhere.
struct Elsewhere {
    Bytes data = Bytes(64, 0);
    DataFiles files{{"weights.bin", bytes_of(data)}};

    std::string refusal(std::vector<std::pair<std::string_view, std::string_view>> where) const {
        onnx::ModelProto model;
        model.graph.emplace();
        onnx::TensorProto& array = model.graph->initializers.emplace_back();
        array.name = "w";
        array.dims = {4};
        array.type = onnx::field::tensor::FLOAT;
        array.is_external = true;
        array.external = std::move(where);
        try {
            onnx::read_external(model, *onnx::given_files(files));
            return std::to_string(array.raw->size());
        } catch (const Error& error) {
            CHECK(error.code() == ErrorCode::bad_file);
            return error.what();
        }
    }
};

bool says(const std::string& sentence, const char* words) { return sentence.find(words) != std::string::npos; }

Tensor logits(const Network& network) {
    Tensor input = random_batch(network, 3, 1);
    return predict_logits(network, input);
}

}  // namespace

TEST_CASE("onnx: PyTorch's default export, with its weights in a data file, is the network it is without") {
    const std::string name = "pytorch_dynamo_normalised_opset20.onnx";
    const Network inside = load_onnx(std::string(PELLUCID_SOURCE_DIR) + "/tests/onnx/foreign/" + name);
    const Network beside = load_onnx(folder + name);
    CHECK(logits(beside) == logits(inside));
    // From memory: by name, or as the only file.
    const Bytes model = read_file(folder + name), data = read_file(folder + name + ".data");
    for (const char* given : {"pytorch_dynamo_normalised_opset20.onnx.data", ""}) {
        const Network read = read_onnx(bytes_of(model), {{given, bytes_of(data)}});
        CHECK(logits(read) == logits(inside));
    }
}

TEST_CASE("onnx: a data file that is not there is named, with the ways out") {
    const Bytes model = read_file(folder + "pytorch_dynamo_normalised_opset20.onnx");
    CHECK_THROWS_WITH_AS(read_onnx(bytes_of(model)), doctest::Contains("external_data=False"), Error);
    CHECK_THROWS_WITH_AS(read_onnx(bytes_of(model)),
                         doctest::Contains("it was not handed over: hand over the bytes of "
                                           "'pytorch_dynamo_normalised_opset20.onnx.data'"),
                         Error);
    CHECK_THROWS_WITH_AS(read_onnx(bytes_of(model), {{"a.bin", {}}, {"b.bin", {}}}),
                         doctest::Contains("handed over were 'a.bin', 'b.bin'"), Error);
    const auto alone = std::filesystem::temp_directory_path() / "pellucid_alone.onnx";
    write_file(alone.string(), model);
    CHECK_THROWS_WITH_AS(load_onnx(alone.string()),
                         doctest::Contains("put 'pytorch_dynamo_normalised_opset20.onnx.data' "
                                           "beside the model"),
                         Error);
    std::filesystem::remove(alone);
}

TEST_CASE("onnx: data files are read inside the model's folder only, and only where they have the part") {
    const Elsewhere array;
    CHECK(array.refusal({{"location", "weights.bin"}, {"offset", "48"}, {"length", "16"}}) == "16");
    CHECK(array.refusal({{"location", "weights.bin"}, {"offset", "8"}}) == "56");
    for (const char* outside : {"", "/etc/passwd", "../weights.bin", "a/../../weights.bin", "..", "C:\\weights.bin",
                                "C:weights.bin", "\\\\host\\weights.bin", "a\\..\\weights.bin"}) {
        CAPTURE(std::string(outside));
        CHECK(says(array.refusal({{"location", outside}}), "no file in the model's own folder"));
    }
    CHECK(says(array.refusal({}), "no file in the model's own folder"));
    CHECK(says(array.refusal({{"location", "weights.bin"}, {"offset", "49"}, {"length", "16"}}),
               "that file has 64 bytes"));
    CHECK(says(array.refusal({{"location", "weights.bin"}, {"offset", "65"}}), "that file has 64 bytes"));
    CHECK(says(array.refusal({{"location", "weights.bin"}, {"offset", "18446744073709551615"}, {"length", "2"}}),
               "that file has 64 bytes"));
    CHECK(says(array.refusal({{"location", "weights.bin"}, {"offset", "-1"}}), "offset '-1', which is no number"));
    CHECK(says(array.refusal({{"location", "weights.bin"}, {"length", "1e3"}}), "length '1e3', which is no number"));
}

TEST_CASE("onnx: a link that leads out of the model's folder is not followed") {
    namespace fs = std::filesystem;
    const fs::path place = fs::temp_directory_path() / "pellucid_linked";
    fs::remove_all(place);
    fs::create_directories(place / "model");
    const std::string name = "pytorch_dynamo_normalised_opset20.onnx";
    fs::copy_file(folder + name, place / "model" / name);
    fs::copy_file(folder + name + ".data", place / "secret");
    std::error_code none;
    fs::create_symlink(place / "secret", place / "model" / (name + ".data"), none);
    if (!none)
        CHECK_THROWS_WITH_AS(load_onnx((place / "model" / name).string()), doctest::Contains("leads out of"), Error);
    fs::remove(place / "model" / (name + ".data"));
    fs::copy_file(place / "secret", place / "model" / (name + ".data"));
    CHECK_NOTHROW(load_onnx((place / "model" / name).string()));
    fs::remove_all(place);
}

TEST_CASE("onnx: a file that is something else is called what it is") {
    using namespace std::string_literals;
    const std::vector<std::pair<std::string, const char*>> files{
        {"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n", "Git LFS pointer"},
        {"<!DOCTYPE html>\n<html lang=\"en\">", "HTML page"},
        {"\n  <HTML><body>404", "HTML page"},
        {"PK\x03\x04\x14\0\0\0\x08\0"s, "zip archive"},
        {"\x1f\x8b\x08\0\0\0\0\0"s, "gzip"},
        {"\x89HDF\r\n\x1a\n"s, "HDF5"},
        {"\x1c\0\0\0TFL3\x14\0"s, "TensorFlow Lite"},
        {"\x80\x02\x8a\nl\xfc\x9c"s, "pickle"},
        {"\x40\0\0\0\0\0\0\0{\"fc.weight\":"s, "safetensors"},
        {"{\"error\": \"Not Found\"}", "JSON"},
        {"<?xml version=\"1.0\"?><Error>", "XML"},
        {"\x93NUMPY\x01\0"s, "NumPy"},
        {"", "it is empty"},
    };
    for (const auto& [bytes, words] : files) {
        CAPTURE(std::string(words));
        CHECK_THROWS_WITH_AS(read(bytes), doctest::Contains(words), Error);
        CHECK_THROWS_WITH_AS(read(bytes), doctest::Contains("not an ONNX file"), Error);
    }
}
