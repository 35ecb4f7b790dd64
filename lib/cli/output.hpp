/// What the command prints: standard output checked to the last flush, nothing that a terminal would act on.
#pragma once

#include <fmt/format.h>
#include <nlohmann/json_fwd.hpp>

#include <string_view>

namespace pellucid::cli {

/// Writes to standard output. Error(exhausted) with the system's reason where it cannot be written.
/// What a terminal would act on is written out (pellucid/text.hpp), but for line feeds.
void print_text(std::string_view text);

template <typename... Args>
void print(fmt::format_string<Args...> format, const Args&... args) {
    print_text(fmt::vformat(format, fmt::make_format_args(args...)));
}

/// A value and a line feed; `indent` < 0: on one line. Bytes that are no UTF-8 become U+FFFD, and what a terminal would
/// act on \u escapes, so that there is valid JSON whatever names there are.
void print_json(const nlohmann::ordered_json& json, int indent = 2);

/// Flushes, so that a reader sees what was printed, and a full disk is noticed now.
void flush_output();

/// The same at the end, and closes: some file systems only then say that they could not write.
void close_output();

/// A line for the person, on standard error. Never fails: nothing depends on it.
void say(std::string_view line, std::string_view before = {}) noexcept;

}  // namespace pellucid::cli
