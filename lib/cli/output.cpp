#include "output.hpp"

#include "pellucid/data/file.hpp"
#include "pellucid/text.hpp"

#include <nlohmann/json.hpp>

#include <cerrno>
#include <cstdio>
#include <string>
#include <utility>

#include <unistd.h>

namespace pellucid::cli {

namespace {

/// What was printed and not written yet. The system's own calls say why they failed, which C's streams do not.
std::string& waiting() {
    static std::string text;
    return text;
}

void write_waiting() {
    std::string text = std::move(waiting());
    waiting().clear();  // what could not be written once is not tried again
    for (std::string_view rest = text; !rest.empty();) {
        const ssize_t written = ::write(STDOUT_FILENO, rest.data(), rest.size());
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) fail_system("cannot write", "standard output", written == 0 ? EIO : errno);
        rest.remove_prefix(static_cast<std::size_t>(written));
    }
}

void print_harmless(std::string_view text) {
    constexpr std::size_t most = std::size_t{1} << 16U;
    waiting() += text;
    if (waiting().size() >= most) write_waiting();
}

/// Outside of strings JSON holds nothing that acts on a terminal but line feeds, and within them \u escapes mean the
/// same.
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
            for (std::size_t i = 1; i < bytes; ++i)
                code = (code << 6U) | (static_cast<unsigned char>(json[at + i]) & 0x3FU);
            result += fmt::format("\\u{:04x}", code);
        }
        at += bytes;
    }
    return result;
}

}  // namespace

void print_text(std::string_view text) { print_harmless(escaped(text, true)); }

void print_json(const nlohmann::ordered_json& json, int indent) {
    const auto replace = nlohmann::ordered_json::error_handler_t::replace;
    print_harmless(harmless_json(json.dump(indent, ' ', false, replace)) + "\n");
}

void flush_output() { write_waiting(); }

void close_output() {
    write_waiting();
    if (::close(STDOUT_FILENO) != 0 && errno != EINTR) fail_system("cannot write", "standard output", errno);
}

void say(std::string_view line, std::string_view before) noexcept {
    const auto write = [](std::string_view text) { (void)std::fwrite(text.data(), 1, text.size(), stderr); };
    write(before);
    try {
        write(escaped(line, true));
    } catch (...) {
        write(line);  // no memory: better raw than nothing
    }
    write("\n");
}

}  // namespace pellucid::cli
