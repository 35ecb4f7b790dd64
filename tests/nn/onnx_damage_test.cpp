// Damaged files: only an Error may come out, whatever the bytes are. The sanitizers' build runs this, too.

#include "onnx_networks.hpp"

#include "pellucid/error.hpp"
#include "pellucid/nn/onnx.hpp"
#include "pellucid/random.hpp"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>

using namespace pellucid;
using namespace pellucid::test;

namespace {

/// Reads bytes that may be anything. True where they were read; any exception but Error ends the test.
bool is_read(const std::string& bytes) {
    try {
        read_onnx(std::as_bytes(std::span(bytes)));
        return true;
    } catch (const Error& error) {
        CHECK((error.code() == ErrorCode::bad_file || error.code() == ErrorCode::unsupported));
        return false;
    }
}

/// Files of ours with all kinds of layers, and small enough to be read thousands of times.
std::vector<std::string> files() {
    std::vector<std::string> result;
    for (auto& [name, network] : onnx_networks()) {
        network.metadata["title"] = "a title";
        if (name == "reordered" || name == "mixed_orders" || name == "decoder" || name == "pools7" ||
            name == "convolutions") {
            result.push_back(write_onnx(network));
        }
    }
    return result;
}

/// Those, and the files by other tools.
std::vector<std::string> all_files() {
    std::vector<std::string> result = files();
    std::set<std::filesystem::path> paths;  // in an order that is the same everywhere
    for (const auto& file : std::filesystem::directory_iterator(PELLUCID_SOURCE_DIR "/tests/onnx/foreign")) {
        if (file.path().extension() == ".onnx") paths.insert(file.path());
    }
    for (const auto& path : paths) {
        std::ifstream stream(path, std::ios::binary);
        result.emplace_back(std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>());
        REQUIRE(is_read(result.back()));
    }
    REQUIRE(result.size() > 20);
    return result;
}

}  // namespace

TEST_CASE("onnx: no file, and none that was cut off, is read as one") {
    CHECK_FALSE(is_read(""));
    CHECK_FALSE(is_read("ONNX"));
    CHECK_FALSE(is_read(std::string(1000, '\0')));
    CHECK_FALSE(is_read(std::string(1000, '\xff')));
    for (const std::string& bytes : files()) {
        REQUIRE(is_read(bytes));
        // The metadata at the end may be missing; what comes before may not.
        const std::size_t needed = bytes.rfind("title") - 4;
        for (std::size_t length = 0; length < needed; length += 1 + length / 50)
            CHECK_FALSE(is_read(bytes.substr(0, length)));
    }
}

TEST_CASE("onnx: flipped bits and overwritten bytes end in an Error or in a network") {
    Random random(3);
    std::size_t refused = 0;
    for (const std::string& bytes : all_files()) {
        for (int round = 0; round < 500; ++round) {
            std::string damaged = bytes;
            // Most bytes are weights, where any value is as good as another: half of the damage goes to the graph.
            const std::size_t reach = round % 2 == 0 ? damaged.size() : std::min<std::size_t>(damaged.size(), 1200);
            for (std::size_t i = 0; i <= random.below(4); ++i) {
                char& byte = damaged[random.below(reach)];
                byte = static_cast<char>(random.below(2) == 0 ? byte ^ (1 << random.below(8)) : random.below(256));
            }
            if (!is_read(damaged)) ++refused;
        }
    }
    CHECK(refused > 2000);
}

TEST_CASE("onnx: pieces that are cut out, doubled or swapped end in an Error or in a network") {
    Random random(4);
    std::size_t refused = 0;
    const std::vector<std::string> all = all_files();
    for (const std::string& bytes : all) {
        for (int round = 0; round < 150; ++round) {
            std::string damaged = bytes;
            const std::size_t at = random.below(damaged.size()),
                              length = random.below(std::min<std::size_t>(200, damaged.size() - at) + 1);
            const std::string& other = all[random.below(all.size())];
            switch (random.below(3)) {
                case 0: damaged.erase(at, length); break;
                case 1: damaged.insert(at, damaged.substr(at, length)); break;
                default: damaged.replace(at, length, other.substr(random.below(other.size()), length)); break;
            }
            if (!is_read(damaged)) ++refused;
        }
    }
    CHECK(refused > 500);
}
