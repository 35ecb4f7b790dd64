// Files replaced in one step, and text that no terminal acts on.
#include "data/support.hpp"
#include "pellucid/data/file.hpp"
#include "pellucid/text.hpp"

#include <doctest/doctest.h>

#ifndef __EMSCRIPTEN__
#include <sys/stat.h>
#endif

namespace pellucid {

using test::bytes_of;

namespace {

std::size_t entries(const test::TemporaryDirectory& directory) {
    std::size_t count = 0;
    for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(directory.path())) ++count;
    return count;
}

}  // namespace

TEST_CASE("a file is replaced when it is committed, and stays as it was until then") {
    const test::TemporaryDirectory directory;
    const std::string path = directory / "a";
    write_file(path, bytes_of("old"));
    {
        FileWriter file(path);
        file.write(bytes_of("n"));
        file.write(bytes_of("ew"));
        CHECK(read_file(path) == bytes_of("old"));
        CHECK(entries(directory) == 2);
        file.commit();
        CHECK(read_file(path) == bytes_of("new"));
    }
    {
        FileWriter file(path);
        file.write(bytes_of("given up"));
    }
    CHECK(read_file(path) == bytes_of("new"));
    CHECK(entries(directory) == 1);
}

#ifndef __EMSCRIPTEN__

TEST_CASE("a link stays a link, and permissions stay; full and missing places are named") {
    const test::TemporaryDirectory directory;
    const std::string path = directory / "target", link = directory / "link";
    write_file(path, bytes_of("old"));
    REQUIRE(::chmod(path.c_str(), 0640) == 0);
    std::filesystem::create_symlink("target", link);
    write_file(link, bytes_of("new"));
    CHECK(std::filesystem::is_symlink(link));
    CHECK(read_file(path) == bytes_of("new"));
    CHECK((static_cast<unsigned>(std::filesystem::status(path).permissions()) & 0777U) == 0640U);
    CHECK(entries(directory) == 2);

    write_file("/dev/null", bytes_of("gone"));
    test::check_fails(ErrorCode::exhausted, {"cannot write /dev/full", "No space left"},
                      [] { write_file("/dev/full", bytes_of("x")); });
    test::check_fails(ErrorCode::bad_file, {"cannot write", "No such file"},
                      [&] { write_file(directory / "none/x", bytes_of("x")); });
    test::check_fails(ErrorCode::bad_file, {"cannot write", "Is a directory"},
                      [&] { write_file(directory.path(), bytes_of("x")); });
    test::check_fails(ErrorCode::bad_file, {"/dev/zero is larger than 1 GiB"}, [] { (void)read_file("/dev/zero"); });
}

#endif

TEST_CASE("what a terminal acts on is written out, all else stays") {
    CHECK(escaped("conv1 é → 漢字 😀") == "conv1 é → 漢字 😀");
    CHECK(escaped("\x1b[31mred\x7f\r\n\t") == "\\x1b[31mred\\x7f\\x0d\\x0a\\x09");
    CHECK(escaped("a\nb\r", true) == "a\nb\\x0d");
    CHECK(escaped("\xc2\x9b"
                  "1m \xe2\x80\xae \xef\xbb\xbf") == "\\u{9b}1m \\u{202e} \\u{feff}");
    CHECK(escaped("\xff\xc3(\xed\xa0\x80\xc0\xaf") == "\\xff\\xc3(\\xed\\xa0\\x80\\xc0\\xaf");
    CHECK(escaped("\xf0\x9f\x98") == "\\xf0\\x9f\\x98");
    CHECK(is_utf8("é"));
    CHECK_FALSE(is_utf8("\xe9"));
    try {
        fail(ErrorCode::bad_file, "{}", "\x1b]0;x\x07");
    } catch (const Error& error) {
        CHECK(std::string(error.what()) == "\\x1b]0;x\\x07");
    }
}

}  // namespace pellucid
