/// A row per entry and kind of bad input: whoever asks must be refused with a code and a sentence.
///
/// With PELLUCID_BAD_INPUT=file the rows are also written there, one JSON object a line, from which table.mjs makes
/// lib/BAD_INPUT.md.
#pragma once

#include <fmt/format.h>

#include <functional>
#include <string>
#include <string_view>

namespace pellucid::test {

/// Calls `ask`, which must throw an Error that is no internal one and has a sentence; anything else fails the test.
/// entry: what was called; kind: what was wrong, in a few words; given: the very value, where it can be shown.
void refuses(std::string_view entry, std::string_view kind, std::string_view given, const std::function<void()>& ask);

/// A value as the table shows it: shortened, what is no printable ASCII as \xNN.
std::string shown_value(std::string_view value);

}  // namespace pellucid::test
