// Seeds, and the inputs that once broke something, go through their targets.
#include "targets.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <string>
#include <vector>

using namespace pellucid;

namespace {

std::set<std::filesystem::path> files_of(const char* kind, std::string_view target) {
    std::set<std::filesystem::path> files;
    const std::filesystem::path folder = std::filesystem::path(PELLUCID_SOURCE_DIR "/tests/fuzz") / kind / target;
    if (!std::filesystem::exists(folder)) return files;
    for (const auto& file : std::filesystem::directory_iterator(folder)) files.insert(file.path());
    return files;
}

}  // namespace

TEST_CASE("fuzz: seeds and findings end in a result that keeps its promises, or in an Error") {
    for (const fuzz::FuzzTarget& target : fuzz::all_targets()) {
        std::size_t count = 0;
        for (const char* kind : {"seeds", "findings"}) {
            for (const std::filesystem::path& path : files_of(kind, target.name)) {
                CAPTURE(path.string());
                std::ifstream stream(path, std::ios::binary);
                const std::vector<std::uint8_t> bytes{std::istreambuf_iterator<char>(stream), {}};
                CHECK_NOTHROW(target.run(bytes));
                ++count;
            }
        }
        CAPTURE(target.name);
        CHECK(count > 0);
    }
}
