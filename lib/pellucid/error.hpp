/// The one exception that pellucid throws at its boundaries.
#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <span>
#include <stdexcept>
#include <string>

namespace pellucid {

/// What kind of thing went wrong; the sentence says the rest.
enum class ErrorCode {
    bad_argument,  ///< a parameter, target or option out of range or unknown
    bad_shape,     ///< a tensor that does not fit the network or the method
    bad_file,      ///< a file that cannot be read, or holds something unexpected
    unsupported,   ///< a valid request that this build or network cannot answer
    cancelled,     ///< the caller asked a long work to stop
    exhausted,     ///< the machine gave out: memory, disk, file descriptors, a failing device
    internal       ///< a defect in pellucid
};

/// Name of a code as it appears in messages and in JavaScript (`bad_argument`, …).
const char* to_string(ErrorCode code) noexcept;

/// Carries a code and one sentence that says what was wrong, where, and what would be right.
class Error : public std::runtime_error {
public:
    Error(ErrorCode code, const std::string& sentence) : std::runtime_error(sentence), code_(code) {}

    ErrorCode code() const noexcept { return code_; }

private:
    ErrorCode code_;
};

/// "1, 28, 28", for messages: a formatter of lists weighs 2 KB in the page's download for every type of number.
std::string comma_separated(std::span<const std::size_t> numbers);
std::string comma_separated(std::span<const std::int64_t> numbers);

/// What fail does, in one place for arguments of all types. What a terminal would act on is written out (text.hpp):
/// sentences quote names that come from files.
[[noreturn]] void fail_with(ErrorCode code, fmt::string_view format, fmt::format_args args);

/// Throws an Error whose sentence is formatted by fmt.
template <typename... Args>
[[noreturn]] void fail(ErrorCode code, fmt::format_string<Args...> format, const Args&... args) {
    fail_with(code, format, fmt::make_format_args(args...));
}

}  // namespace pellucid
