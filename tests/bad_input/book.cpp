#include "bad_input/book.hpp"

#include "pellucid/error.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdlib>
#include <fstream>

namespace pellucid::test {

std::string shown_value(std::string_view value) {
    constexpr std::size_t most = 60;
    std::string result;
    for (const char letter : value.substr(0, most)) {
        const auto code = static_cast<unsigned char>(letter);
        result += code < 0x20 || code > 0x7e ? fmt::format("\\x{:02x}", code) : std::string(1, letter);
    }
    return value.size() > most ? fmt::format("{}… ({} bytes)", result, value.size()) : result;
}

namespace {

/// Empty where the sentence is one that people can act on.
std::string fault_of(ErrorCode code, const std::string& sentence) {
    if (code == ErrorCode::internal) return "an internal error";
    if (sentence.size() < 12 || sentence.find(' ') == std::string::npos) return "no sentence";
    for (const char* leak : {"std::", "bad_alloc", "json.exception", "basic_string", "vector::"}) {
        if (sentence.find(leak) != std::string::npos) return fmt::format("words of the library below: {}", leak);
    }
    const auto is_control = [](char letter) { return static_cast<unsigned char>(letter) < 0x20 && letter != '\n'; };
    if (std::ranges::any_of(sentence, is_control)) return "control characters";
    return {};
}

}  // namespace

void refuses(std::string_view entry, std::string_view kind, std::string_view given, const std::function<void()>& ask) {
    nlohmann::json row{{"surface", "C++"}, {"entry", entry}, {"kind", kind}, {"given", shown_value(given)}};
    std::string fault = "it was answered";
    try {
        ask();
    } catch (const Error& error) {
        row["code"] = to_string(error.code());
        row["sentence"] = error.what();
        fault = fault_of(error.code(), error.what());
    } catch (const std::exception& error) {
        fault = fmt::format("a {} that is no Error: {}", "std::exception", error.what());
    }
    const std::string where = fmt::format("{} | {} | {}", entry, kind, shown_value(given));
    CHECK_MESSAGE(fault.empty(), where, ": ", fault, " | ", row.value("sentence", ""));
    if (!fault.empty()) row["fault"] = fault;
    if (const char* file = std::getenv("PELLUCID_BAD_INPUT")) {
        std::ofstream(file, std::ios::app)
            << row.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) << '\n';
    }
}

}  // namespace pellucid::test
