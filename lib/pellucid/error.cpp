#include "pellucid/error.hpp"

#include "pellucid/text.hpp"

#include <vector>

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

template <typename Each>
std::string separated(std::span<const Each> list) {
    std::string text;
    for (const Each& each : list) text += fmt::format("{}{}", text.empty() ? "" : ", ", each);
    return text;
}

}  // namespace

std::string comma_separated(std::span<const std::size_t> numbers) { return separated(numbers); }
std::string comma_separated(std::span<const std::int64_t> numbers) { return separated(numbers); }
std::string comma_separated(std::span<const std::string> words) { return separated(words); }
std::string comma_separated(std::span<const std::string_view> words) { return separated(words); }

namespace {

using Formatted = fmt::basic_format_arg<fmt::format_context>;

template <typename T>
Formatted formatted(const void* value) {
    return fmt::detail::make_arg<fmt::format_context>(*static_cast<const T*>(value));
}

Formatted formatted(ArgumentType type, const void* value) {
    switch (type) {
        case ArgumentType::flag: return formatted<bool>(value);
        case ArgumentType::character: return formatted<char>(value);
        case ArgumentType::u8: return formatted<unsigned char>(value);
        case ArgumentType::i32: return formatted<std::int32_t>(value);
        case ArgumentType::u32: return formatted<std::uint32_t>(value);
        case ArgumentType::i64: return formatted<std::int64_t>(value);
        case ArgumentType::u64: return formatted<std::uint64_t>(value);
        case ArgumentType::f32: return formatted<float>(value);
        case ArgumentType::f64: return formatted<double>(value);
        case ArgumentType::literal: {
            const auto* text = static_cast<const char*>(value);
            return formatted<const char*>(&text);
        }
        case ArgumentType::c_string: return formatted<const char*>(value);
        case ArgumentType::string: return formatted<std::string>(value);
        case ArgumentType::view: return formatted<std::string_view>(value);
        case ArgumentType::end: break;
    }
    return {};
}

}  // namespace

std::string sentence(fmt::string_view format, Arguments args) {
    std::vector<Formatted> list;
    for (std::size_t i = 0; args.types[i] != ArgumentType::end; ++i)
        list.push_back(formatted(args.types[i], args.values[i]));
    return fmt::vformat(format, fmt::format_args(list.data(), static_cast<int>(list.size())));
}

void fail_with(ErrorCode code, fmt::string_view format, Arguments args) {
    throw Error(code, escaped(sentence(format, args)));
}

}  // namespace pellucid
