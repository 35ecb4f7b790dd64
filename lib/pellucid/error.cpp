#include "pellucid/error.hpp"

#include "pellucid/text.hpp"

namespace pellucid {

const char* to_string(ErrorCode code) noexcept {
    switch (code) {
        case ErrorCode::bad_argument: return "bad_argument";
        case ErrorCode::bad_shape: return "bad_shape";
        case ErrorCode::bad_file: return "bad_file";
        case ErrorCode::unsupported: return "unsupported";
        case ErrorCode::cancelled: return "cancelled";
        case ErrorCode::exhausted: return "exhausted";
        case ErrorCode::internal: return "internal";
    }
    return "internal";
}

namespace {

template <typename Number>
std::string separated(std::span<const Number> numbers) {
    std::string text;
    for (const Number number : numbers) text += fmt::format("{}{}", text.empty() ? "" : ", ", number);
    return text;
}

}  // namespace

std::string comma_separated(std::span<const std::size_t> numbers) { return separated(numbers); }
std::string comma_separated(std::span<const std::int64_t> numbers) { return separated(numbers); }

void fail_with(ErrorCode code, fmt::string_view format, fmt::format_args args) {
    throw Error(code, escaped(fmt::vformat(format, args)));
}

}  // namespace pellucid
