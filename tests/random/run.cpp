#include "run.hpp"

#include "shrink.hpp"
#include "support/kernels.hpp"
#include "support/rounds.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <fstream>
#include <iostream>

namespace pellucid::test {

namespace {

/// What is being checked, for a sanitizer that ends the program.
std::string current;

void print_current() { std::fprintf(stderr, "while checking: %s\n", current.c_str()); }

std::string complaint(const Check& check, const Plan& plan) {
    current = to_text(plan);
    std::string result;
    each_kernels([&] {
        if (!result.empty()) return;
        try {
            result = check(plan);
        } catch (const std::exception& error) {
            result = std::string("threw: ") + error.what();
        }
        if (!result.empty()) result = std::string(simd::kernels().name) + ": " + result;
    });
    return result;
}

/// False where it is wrong.
bool examine(const Check& check, const Plan& plan) {
    // Shown by doctest where the program dies.
    CAPTURE(to_text(plan));
    const std::string wrong = complaint(check, plan);
    if (wrong.empty()) {
        CHECK(wrong.empty());
        return true;
    }
    const Plan small = shrink(plan, [&](const Plan& other) { return !complaint(check, other).empty(); });
    const std::string text = to_text(small);
    FAIL_CHECK(wrong, "\nshrunk to the following, for tests/random/kept.txt (", complaint(check, small), "):\n", text);
    return false;
}

std::uint32_t number(const char* name, std::uint32_t otherwise) {
    const char* text = std::getenv(name);
    return text == nullptr ? otherwise : static_cast<std::uint32_t>(std::strtoul(text, nullptr, 10));
}

}  // namespace

void run_random(Plan (*draw)(std::uint32_t seed), std::uint32_t cases, const Check& check) {
    on_sanitizer_death(print_current);
    if (const char* text = std::getenv("PELLUCID_RANDOM_CASE")) {
        examine(check, parse_plan(text));
        return;
    }
    std::ifstream kept(PELLUCID_SOURCE_DIR "/tests/random/kept.txt");
    REQUIRE_MESSAGE(kept.good(), "tests/random/kept.txt cannot be read");
    int failed = 0;
    for (std::string line; std::getline(kept, line);) {
        if (!line.empty() && line[0] != '#') failed += examine(check, parse_plan(line)) ? 0 : 1;
    }
    using Clock = std::chrono::steady_clock;
    const std::uint32_t seconds = number("PELLUCID_RANDOM_SECONDS", 0);
    const auto end = Clock::now() + std::chrono::seconds(seconds);
    const std::uint32_t first = number("PELLUCID_RANDOM_SEED", 0), last = first + rounds(cases);
    std::uint32_t seed = first;
    for (; (seconds > 0 ? Clock::now() < end : seed != last) && failed < 5; ++seed) {
        failed += examine(check, draw(seed)) ? 0 : 1;
    }
    const std::uint32_t count = seed - first;
    if (seconds > 0) MESSAGE(count, " structures from seed ", first);
}

}  // namespace pellucid::test
