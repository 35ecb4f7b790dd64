// Every reader × every kind of wrong file. Native builds only.
#ifndef __EMSCRIPTEN__

#include "bad_input/book.hpp"
#include "data/support.hpp"
#include "pellucid/data/file.hpp"
#include "pellucid/data/idx.hpp"
#include "pellucid/data/input.hpp"
#include "pellucid/data/mnist.hpp"
#include "pellucid/data/png.hpp"
#include "pellucid/nn/onnx.hpp"
#include "pellucid/train/checkpoint.hpp"
#include "pellucid/train/trainer.hpp"
#include "support/random_network.hpp"

#include <map>

using namespace pellucid;
using namespace pellucid::test;
namespace fs = std::filesystem;

namespace {

std::string text_of(const Bytes& bytes) { return {bytes.begin(), bytes.end()}; }

/// A good file of every format; each is a wrong one for the readers of the others.
std::map<std::string, std::string> good_files(const TemporaryDirectory& folder) {
    write_npy(folder / "good.npy", {filled({2, 3, 4, 1}, 0.5F), 3});
    Tensor dotted = filled({1, 3, 4, 1}, 0.5F);  // a picture that is all alike is refused as blank
    dotted(0, 1, 2, 0) = 1.0F;
    write_png(folder / "good.png", dotted);
    return {{"ONNX", write_onnx(random_network(0))},
            {"npy", text_of(read_file(folder / "good.npy"))},
            {"PNG", text_of(read_file(folder / "good.png"))},
            {"IDX images", std::string("\0\0\x08\x03\0\0\0\x02\0\0\0\x01\0\0\0\x02\0\xff\x33\x66", 20)},
            {"IDX labels", std::string("\0\0\x08\x01\0\0\0\x02\x03\x04", 10)},
            {"recipe", text_of(read_file(PELLUCID_SOURCE_DIR "/models/lenet.json"))}};
}

using Reader = std::function<void(const std::string& path)>;

struct Readable {
    std::string entry;
    Reader read;
    std::vector<std::string> formats;  ///< that it takes
};

std::vector<Readable> readers() {
    return {{"load_onnx", [](const auto& path) { load_onnx(path); }, {"ONNX"}},
            {"read_npy", [](const auto& path) { read_npy(path); }, {"npy"}},
            {"read_png", [](const auto& path) { read_png(path); }, {"PNG"}},
            {"read_idx_images", [](const auto& path) { read_idx_images(path); }, {"IDX images"}},
            {"read_idx_labels", [](const auto& path) { read_idx_labels(path); }, {"IDX labels"}},
            {"load_input", [](const auto& path) { load_input(path); }, {"npy", "PNG", "IDX images"}},
            {"read_recipe", [](const auto& path) { train::read_recipe(path); }, {"recipe"}}};
}

/// Bytes that are a file of no format, or one that is damaged.
std::vector<std::pair<std::string, std::string>> spoilt(const std::string& good) {
    std::vector<std::pair<std::string, std::string>> files{
        {"nothing", ""},
        {"one byte", "\x08"},
        {"zeros", std::string(4096, '\0')},
        {"all bits set", std::string(4096, '\xff')},
        {"a text", "not what you think"},
        {"an HTML page", "<!doctype html><title>404</title>"},
        {"a damaged gzip", std::string("\x1f\x8b\x08\0\0\0\0\0\0\0spoilt", 16)},
        {"a ZIP", fmt::format("PK\x03\x04{:100}", "")}};
    for (const int percent : {10, 30, 50, 70, 90}) {
        files.emplace_back(fmt::format("cut to {} %", percent), good.substr(0, good.size() * percent / 100));
    }
    files.emplace_back("the first byte missing", good.substr(1));
    return files;
}

}  // namespace

TEST_CASE("bad input: files of every reader") {
    const TemporaryDirectory folder;
    const auto good = good_files(folder);
    const std::string path = folder / "file";
    for (const Readable& reader : readers()) {
        const auto ask = [&](std::string_view kind, const std::string& bytes) {
            write_file(path, bytes_of(bytes));
            refuses(reader.entry, kind, fmt::format("{} bytes", bytes.size()), [&] { reader.read(path); });
        };
        for (const auto& [format, bytes] : good) {
            if (std::ranges::find(reader.formats, format) == reader.formats.end())
                ask("a file of the format " + format, bytes);
        }
        for (const std::string& format : reader.formats) {
            write_file(path, bytes_of(good.at(format)));
            REQUIRE_NOTHROW(reader.read(path));
            for (const auto& [kind, bytes] : spoilt(good.at(format))) {
                ask(reader.formats.size() == 1 ? kind : fmt::format("{}: {}", format, kind), bytes);
            }
        }
        fs::remove(path);
        const auto ask_path = [&](std::string_view kind, const std::string& wrong) {
            refuses(reader.entry, kind, wrong.starts_with(folder.path()) ? "FOLDER" : wrong,
                    [&] { reader.read(wrong); });
        };
        ask_path("a path without a file", "/nowhere/at/all");
        ask_path("an empty path", "");
        ask_path("a folder", folder.path());
        ask_path("an empty device", "/dev/null");
        ask_path("a path with control characters", "/nowhere/\x1b[31mred\n");
        ask_path("a path that is no UTF-8", "/nowhere/\xff\xfe");
        ask_path("a path that is too long", "/" + std::string(5000, 'a'));
    }
}

TEST_CASE("bad input: heads of files that promise what is not there") {
    const auto npy = [](const std::string& head, std::size_t data) {
        std::string text = head;
        text.resize(118, ' ');
        return bytes_of(std::string("\x93NUMPY\x01\0\x76\0", 10) + text + std::string(data, '\0'));
    };
    for (const char* head : {"{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3, 4), }",
                             "{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999, 99999999999), }",
                             "{'descr': '<f4', 'fortran_order': False, 'shape': (-1, 4), }",
                             "{'descr': '<f4', 'fortran_order': False, 'shape': (0, 4), }",
                             "{'descr': '<f4', 'fortran_order': False, 'shape': (4,), }",
                             "{'descr': '<f4', 'fortran_order': False, 'shape': (), }",
                             "{'descr': '<f4', 'fortran_order': False, 'shape': (1, 1, 1, 2, 2), }",
                             "{'descr': '<f4', 'fortran_order': True, 'shape': (2, 2), }",
                             "{'descr': '>f4', 'fortran_order': False, 'shape': (2, 2), }",
                             "{'descr': '<c8', 'fortran_order': False, 'shape': (1, 2), }",
                             "{'descr': '|O', 'fortran_order': False, 'shape': (2, 2), }",
                             "{'descr': '<U4', 'fortran_order': False, 'shape': (1, 1), }",
                             "{'descr': '<f4', 'shape': (2, 2), }", "{'fortran_order': False, 'shape': (2, 2), }",
                             "{'descr': '<f4', 'fortran_order': False, }", "{", "", "{'descr': \x1b[31m"}) {
        refuses("parse_npy", "a head that does not fit 16 bytes of numbers", head,
                [&] { parse_npy(npy(head, 16), "file"); });
    }
    using namespace std::string_view_literals;
    for (const std::string_view idx :
         {"\0\0\x08\x03\0\0\0\x02\0\0\0\x01\0\0\0\x02\0"sv,
          "\0\0\x08\x03\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"sv,
          "\0\0\x0d\x03\0\0\0\x01\0\0\0\x01\0\0\0\x01\0\0\0\0"sv, "\0\0\x08\x02\0\0\0\x01\0\0\0\x01\0"sv,
          "\0\0\x08\x03\0\0\0\x01\0\0\0\0\0\0\0\x01"sv, "\0\0\x08\x03"sv,
          "\0\0\x08\x03\0\0\0\x01\0\0\0\x01\0\0\0\x01\0\0"sv}) {
        refuses("parse_idx_images", "a head that does not fit the bytes behind", idx,
                [&] { parse_idx_images(bytes_of(idx), "file"); });
        refuses("parse_idx_labels", "a head of another kind", idx, [&] { parse_idx_labels(bytes_of(idx), "file"); });
    }
    const ByteImages images =
        parse_idx_images(bytes_of("\0\0\x08\x03\0\0\0\x02\0\0\0\x01\0\0\0\x02\0\xff\x33\x66"sv), "file");
    refuses("ByteImages::image", "an index that is not there", "2 of 2", [&] { (void)images.image(2); });
    refuses("to_tensor(images)", "a range that is not there", "1 + 2 of 2", [&] { to_tensor(images, 1, 2); });
    refuses("to_tensor(images)", "a range that overflows", "1 + (2^64 - 1)",
            [&] { to_tensor(images, 1, ~std::size_t{0}); });
    refuses("to_tensor(images)", "an index that is not there", "7 of 2",
            [&] { to_tensor(images, std::vector<std::size_t>{0, 7}); });
}

TEST_CASE("bad input: places of inputs, data sets, checkpoints") {
    const TemporaryDirectory folder;
    good_files(folder);
    for (const char* index : {"#2", "#-1", "#99999999999999999999", "#x", "#", "#1.5", "#0#0", "# 0"}) {
        refuses("load_input", "an index that is not there", index, [&] { load_input((folder / "good.npy") + index); });
    }
    for (const std::string directory : {"", "/nowhere", "/dev/null", "\x1b[31m"}) {
        refuses("load_mnist", "a folder without MNIST", directory, [&] { load_mnist(directory, MnistPart::test); });
        refuses("verify_mnist", "a folder without MNIST", directory, [&] { verify_mnist(directory); });
    }
    for (const MnistFile& file : mnist_files()) write_file(folder / std::string(file.name), bytes_of("spoilt"));
    refuses("load_mnist", "files that are none of MNIST's", "spoilt",
            [&] { load_mnist(folder.path(), MnistPart::train); });
    refuses("verify_mnist", "files that are none of MNIST's", "spoilt", [&] { verify_mnist(folder.path()); });
    refuses("gunzip", "bytes that are no gzip", "text", [] { gunzip(bytes_of("text"), "file"); });
    refuses("gunzip", "nothing", "", [] { gunzip({}, "file"); });

    const train::Recipe recipe = train::parse_recipe(
        R"({"input": [2, 2, 1], "layers": [{"name": "f", "type": "flatten"}, {"name": "d", "type": "dense", )"
        R"("units": 3}]})",
        "r");
    const LabelledImages data{{2, 2, 2, std::vector<std::uint8_t>(8, 9)}, {0, 1}};
    train::Trainer trainer(recipe, data);
    write_checkpoint(folder / "good", recipe, trainer);
    const std::string good = text_of(read_file(folder / "good"));
    for (const auto& [kind, bytes] : spoilt(good)) {
        write_file(folder / "bad", bytes_of(bytes));
        refuses("read_checkpoint", kind, fmt::format("{} bytes", bytes.size()),
                [&] { read_checkpoint(folder / "bad", recipe, trainer); });
    }
    train::Recipe other = recipe;
    other.training.batch = 7;
    refuses("read_checkpoint", "another recipe's", "batch 7",
            [&] { read_checkpoint(folder / "good", other, trainer); });
    refuses("read_checkpoint", "a path without a file", "", [&] { read_checkpoint(folder / "none", recipe, trainer); });
}

TEST_CASE("bad input: places that nothing can be written to") {
    const TemporaryDirectory folder;
    const Network network = random_network(0);
    const Bytes bytes(70'000, 1);
    const Images images{filled({1, 64, 64, 1}, 0.5F), 2};
    const std::vector<std::string> paths{"", "/nowhere/at/all", folder.path(), "/" + std::string(5000, 'a')};
    for (const std::string& path : paths) {
        const std::string shown = path == folder.path() ? "a folder" : path;
        refuses("save_onnx", "a place that cannot be written to", shown, [&] { save_onnx(network, path); });
        refuses("write_file", "a place that cannot be written to", shown, [&] { write_file(path, bytes); });
        refuses("write_npy", "a place that cannot be written to", shown, [&] { write_npy(path, images); });
        refuses("write_png", "a place that cannot be written to", shown, [&] { write_png(path, images.pixels); });
    }
    refuses("write_npy", "several images of rank 2", "(2, 3, 4, 1)",
            [&] { write_npy(folder / "a.npy", {zeros({2, 3, 4, 1}), 2}); });
    refuses("write_npy", "several channels of rank 3", "(1, 3, 4, 2)",
            [&] { write_npy(folder / "a.npy", {zeros({1, 3, 4, 2}), 3}); });
    refuses("write_npy", "an impossible rank", "7", [&] { write_npy(folder / "a.npy", {zeros({1, 3, 4, 2}), 7}); });
    refuses("write_png", "channels that no picture has", "7",
            [&] { write_png(folder / "a.png", zeros({1, 3, 4, 7})); });
    refuses("write_png", "a sample that is not there", "3 of 1",
            [&] { write_png(folder / "a.png", zeros({1, 3, 4, 1}), 3); });
}

#endif
