/// The one exception that pellucid throws at its boundaries.
#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>

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
std::string comma_separated(std::span<const std::string> words);
std::string comma_separated(std::span<const std::string_view> words);

/// What an argument of a message is.
enum class ArgumentType : std::uint8_t {
    end,
    flag,
    character,
    u8,
    i32,
    u32,
    i64,
    u64,
    f32,
    f64,
    literal,
    c_string,
    string,
    view
};

template <typename T>
consteval ArgumentType argument_type() {
    constexpr bool whole = std::is_integral_v<T>, negative = std::is_signed_v<T>;
    if (std::is_same_v<T, bool>) return ArgumentType::flag;
    if (std::is_same_v<T, char>) return ArgumentType::character;
    if (std::is_same_v<T, unsigned char>) return ArgumentType::u8;
    if (whole && sizeof(T) == 4) return negative ? ArgumentType::i32 : ArgumentType::u32;
    if (whole && sizeof(T) == 8) return negative ? ArgumentType::i64 : ArgumentType::u64;
    if (std::is_same_v<T, float>) return ArgumentType::f32;
    if (std::is_same_v<T, double>) return ArgumentType::f64;
    if (std::is_array_v<T>) return ArgumentType::literal;
    if (std::is_same_v<T, const char*> || std::is_same_v<T, char*>) return ArgumentType::c_string;
    if (std::is_same_v<T, std::string>) return ArgumentType::string;
    if (std::is_same_v<T, std::string_view>) return ArgumentType::view;
    throw "messages hold numbers and texts";  // does not compile
}

/// The arguments of a message, as they stand. fmt's own packing, which is compiled for each of some hundred lists of
/// types, was a tenth of what is downloaded beside the kernels.
struct Arguments {
    const ArgumentType* types;  ///< up to ArgumentType::end
    const void* const* values;
};

template <typename... Args>
class PackedArguments {
public:
    explicit PackedArguments(const Args&... args) : values_{std::addressof(args)..., nullptr} {}
    operator Arguments() const { return {types, values_}; }

private:
    static constexpr ArgumentType types[] = {argument_type<Args>()..., ArgumentType::end};
    const void* values_[sizeof...(Args) + 1];
};

/// The sentence of that format, as fmt makes it.
std::string sentence(fmt::string_view format, Arguments args);

/// What fail does, in one place for arguments of all types. What a terminal would act on is written out (text.hpp):
/// sentences quote names that come from files.
[[noreturn]] void fail_with(ErrorCode code, fmt::string_view format, Arguments args);

/// Throws an Error whose sentence is formatted by fmt.
template <typename... Args>
[[noreturn]] void fail(ErrorCode code, fmt::format_string<Args...> format, const Args&... args) {
    fail_with(code, format, PackedArguments<Args...>(args...));
}

}  // namespace pellucid
