/// How often a test repeats itself over random cases.
///
/// The sanitizers watch memory and arithmetic on every path; a few cases walk them all, and each takes ten times as
/// long as natively, where all of them are checked for what they compute. WebAssembly runs the same sources again, for
/// what its compiler and its kernels make of them.
#pragma once

#include <cstdint>

namespace pellucid::test {

/// Whether this build runs every case.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define PELLUCID_SANITIZED
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(memory_sanitizer) || __has_feature(thread_sanitizer)
#define PELLUCID_SANITIZED
#endif
#endif
#if defined(PELLUCID_SANITIZED) || defined(__EMSCRIPTEN__)
constexpr bool all_rounds = false;
#else
constexpr bool all_rounds = true;
#endif

/// Of `all` rounds, those that this build runs: a fifth, and at least one, but for the native build.
constexpr std::uint32_t rounds(std::uint32_t all) { return all_rounds ? all : (all + 4) / 5; }

}  // namespace pellucid::test
