/// What the tests of data/ share: files that go away again, and errors with their sentence.
#pragma once

#include "pellucid/error.hpp"

#include <doctest/doctest.h>

#include <cstdint>
#include <filesystem>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace pellucid::test {

/// A directory that exists as long as the object does.
class TemporaryDirectory {
public:
    TemporaryDirectory() {
        static int count = 0;
        // An address tells apart programs that run at the same time, as the native and the sanitised suite may.
        const auto mark = reinterpret_cast<std::uintptr_t>(this);
        do {
            path_ = std::filesystem::temp_directory_path() / fmt::format("pellucid-test-{:x}-{}", mark, count++);
        } while (!std::filesystem::create_directory(path_));
    }
    ~TemporaryDirectory() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    TemporaryDirectory(const TemporaryDirectory&) = delete;
    TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;

    std::string operator/(const std::string& name) const { return (path_ / name).string(); }
    std::string path() const { return path_.string(); }

private:
    std::filesystem::path path_;
};

/// Checks that `call` throws an Error with this code, whose sentence holds all of these words.
template <typename Call>
void check_fails(ErrorCode code, std::initializer_list<std::string_view> words, Call&& call) {
    std::string sentence;
    try {
        call();
    } catch (const Error& error) {
        CHECK(std::string(to_string(error.code())) == to_string(code));
        sentence = error.what();
    }
    CAPTURE(sentence);
    CHECK_FALSE(sentence.empty());
    for (const std::string_view word : words) {
        CAPTURE(word);
        CHECK(sentence.find(word) != std::string::npos);
    }
}

inline std::vector<std::uint8_t> bytes_of(std::string_view text) { return {text.begin(), text.end()}; }

}  // namespace pellucid::test
