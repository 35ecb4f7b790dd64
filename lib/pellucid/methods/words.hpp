/// Text that people read: titles, questions, help. It travels apart from the WebAssembly modules, which keep only what
/// a program needs (names, types, ranges): there this type is empty, and the compiler drops the literals.
#pragma once

#include <string_view>

namespace pellucid {

#ifdef PELLUCID_WITHOUT_WORDS
class Words {
public:
    constexpr Words() = default;
    constexpr Words(const char*) {}
    constexpr Words(std::string_view) {}
    constexpr operator std::string_view() const { return {}; }
    constexpr bool empty() const { return true; }
};
#else
/// A view of a literal.
class Words {
public:
    constexpr Words() = default;
    constexpr Words(const char* text) : text_(text) {}
    constexpr Words(std::string_view text) : text_(text) {}
    constexpr operator std::string_view() const { return text_; }
    constexpr bool empty() const { return text_.empty(); }

private:
    std::string_view text_;
};
#endif

}  // namespace pellucid
