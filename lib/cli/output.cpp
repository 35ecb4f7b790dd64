#include "output.hpp"

#include "pellucid/data/file.hpp"
#include "pellucid/text.hpp"

#include <nlohmann/json.hpp>

#include <cerrno>
#include <cstdio>
#include <string>

namespace pellucid::cli {

namespace {

void check_output(bool good) {
    if (!good) fail_system("cannot write", "standard output", errno == 0 ? EIO : errno);
}

/// Outside of strings JSON holds nothing that acts on a terminal but line feeds, and within them \u escapes mean the same.
std::string harmless_json(const std::string& json) {
    std::string result;
    for (std::size_t at = 0; at < json.size();) {
        const auto byte = static_cast<unsigned char>(json[at]);
        const std::size_t bytes = byte < 0xC0 ? 1 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4;
        const std::string_view character = std::string_view(json).substr(at, bytes);
        if (character == "\n" || escaped(character) == character) {
            result += character;
        } else {
            // Only characters below 0x10000 act; as many bytes as that takes.
            unsigned code = byte & (bytes == 1 ? 0x7FU : bytes == 2 ? 0x1FU : 0x0FU);
            for (std::size_t i = 1; i < bytes; ++i) code = (code << 6U) | (static_cast<unsigned char>(json[at + i]) & 0x3FU);
            result += fmt::format("\\u{:04x}", code);
        }
        at += bytes;
    }
    return result;
}

}  // namespace

void print_text(std::string_view text) {
    const std::string harmless = escaped(text, true);
    errno = 0;
    check_output(std::fwrite(harmless.data(), 1, harmless.size(), stdout) == harmless.size());
}

void print_json(const nlohmann::ordered_json& json, int indent) {
    const std::string text =
        harmless_json(json.dump(indent, ' ', false, nlohmann::ordered_json::error_handler_t::replace)) + "\n";
    errno = 0;
    check_output(std::fwrite(text.data(), 1, text.size(), stdout) == text.size());
}

void flush_output() {
    errno = 0;
    check_output(std::fflush(stdout) == 0);
}

void close_output() {
    // An error of an earlier write would have been thrown; where descriptor 1 was never open, nothing was printed either.
    errno = 0;
    const bool flushed = std::fflush(stdout) == 0 && std::ferror(stdout) == 0;
    check_output(flushed);
    check_output(std::fclose(stdout) == 0 || errno == EBADF);
}

void say(std::string_view line) noexcept {
    try {
        const std::string harmless = escaped(line, true) + "\n";
        (void)std::fwrite(harmless.data(), 1, harmless.size(), stderr);
    } catch (...) {
        (void)std::fwrite(line.data(), 1, line.size(), stderr);
    }
}

}  // namespace pellucid::cli
