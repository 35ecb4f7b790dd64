#include "pellucid/text.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>

namespace pellucid {

#ifdef __EMSCRIPTEN__
double nearest_double(const char* decimal);  // text_wasm.cpp
#endif

namespace {

#ifndef __EMSCRIPTEN__
double nearest_double(const char* decimal) { return std::strtod(decimal, nullptr); }
#endif

/// A character and how many bytes it takes; 0 bytes where none begins at `at`.
struct Character {
    std::uint32_t code = 0;
    std::size_t bytes = 0;
};

Character character_at(std::string_view text, std::size_t at) noexcept {
    const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[at + i]); };
    const std::uint32_t first = byte(0);
    if (first < 0x80) return {first, 1};
    const std::size_t bytes = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
    if (first < 0xC2 || first > 0xF4 || text.size() - at < bytes) return {};
    std::uint32_t code = first & (0x7FU >> bytes);
    for (std::size_t i = 1; i < bytes; ++i) {
        if ((byte(i) & 0xC0U) != 0x80) return {};
        code = (code << 6U) | (byte(i) & 0x3FU);
    }
    const bool overlong = (bytes == 3 && code < 0x800) || (bytes == 4 && code < 0x10000);
    if (overlong || code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF)) return {};
    return {code, bytes};
}

/// What changes more than its own place: controls, separators of lines, marks and overrides of direction.
bool acts(std::uint32_t code) noexcept {
    const auto within = [code](std::uint32_t first, std::uint32_t last) { return code >= first && code <= last; };
    return code < 0x20 || within(0x7F, 0x9F) || code == 0x61C || within(0x200E, 0x200F) || within(0x2028, 0x202E) ||
           within(0x2066, 0x2069) || code == 0xFEFF;
}

void append_hex(std::string& text, std::uint32_t value, int least_digits) {
    constexpr std::string_view digits = "0123456789abcdef";
    int shift = 28;
    while (shift >= 4 * least_digits && (value >> static_cast<unsigned>(shift)) == 0) shift -= 4;
    for (; shift >= 0; shift -= 4) text += digits[(value >> static_cast<unsigned>(shift)) & 0xFU];
}

}  // namespace

std::string escaped(std::string_view text, bool keep_lines) {
    std::string result;
    result.reserve(text.size());
    for (std::size_t at = 0; at < text.size();) {
        const auto [code, bytes] = character_at(text, at);
        if (bytes == 0 || (acts(code) && code < 0x80 && !(keep_lines && code == '\n'))) {
            result += "\\x";
            append_hex(result, static_cast<std::uint8_t>(text[at]), 2);
            ++at;
            continue;
        }
        if (acts(code) && code >= 0x80) {
            result += "\\u{";
            append_hex(result, code, 1);
            result += '}';
        } else {
            result += text.substr(at, bytes);
        }
        at += bytes;
    }
    return result;
}

bool is_utf8(std::string_view text) noexcept {
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t bytes = character_at(text, at).bytes;
        if (bytes == 0) return false;
        at += bytes;
    }
    return true;
}

std::optional<double> parse_number(std::string_view text) {
    std::size_t at = 0;
    const auto digits = [&] {
        const std::size_t first = at;
        while (at < text.size() && text[at] >= '0' && text[at] <= '9') ++at;
        return at - first;
    };
    const auto skip = [&](std::string_view any) {
        const bool there = at < text.size() && any.find(text[at]) != std::string_view::npos;
        if (there) ++at;
        return there;
    };
    skip("+-");
    std::size_t count = digits();
    if (skip(".")) count += digits();
    if (count == 0) return {};
    if (skip("eE")) {
        skip("+-");
        if (digits() == 0) return {};
    }
    if (at != text.size()) return {};
    return nearest_double(std::string(text).c_str());
}

}  // namespace pellucid
