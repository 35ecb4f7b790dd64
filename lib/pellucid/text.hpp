/// Text of others (names in files, paths, arguments) on its way to a terminal or into JSON.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace pellucid {

/// The text with everything written out that a terminal would act on or that is no UTF-8: control characters and bytes
/// of no character as \x1b, C1 controls, line separators and marks of direction as \u{202e}. All else stays as it is.
/// `keep_lines`: line feeds stay, too.
std::string escaped(std::string_view text, bool keep_lines = false);

/// Whether `text` is UTF-8 throughout (no overlong forms, no surrogates).
bool is_utf8(std::string_view text) noexcept;

/// The number that the whole text is, in decimal ("12", "-0.5", "1e-3"): the double nearest to it, so infinite for
/// 1e999.
std::optional<double> parse_number(std::string_view text);

}  // namespace pellucid
