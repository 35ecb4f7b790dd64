/// How often a test repeats itself over random cases.
///
/// The sanitizers watch memory and arithmetic on every path; a few cases walk them all, and each takes ten times as
/// long as natively, where all of them are checked for what they compute. WebAssembly runs the same sources again, for
/// what its compiler and its kernels make of them.
#pragma once

#include "support/sanitizers.hpp"

#include <cstdint>

namespace pellucid::test {

/// Whether this program runs every case.
inline bool all_rounds() {
#ifdef __EMSCRIPTEN__
    return false;
#else
    return !sanitized();
#endif
}

/// Of `all` rounds, those that this program runs: a fifth, and at least one, but for the native program.
inline std::uint32_t rounds(std::uint32_t all) { return all_rounds() ? all : (all + 4) / 5; }

/// How far a loop steps that takes every case natively and every n-th elsewhere.
inline int stride(int n) { return all_rounds() ? 1 : n; }

}  // namespace pellucid::test
