/// What the tests know of the sanitizers. Asked while they run, because the program of the sanitizers links the same
/// compiled test cases as the native one (tests/CMakeLists.txt).
#pragma once

namespace pellucid::test {

/// Whether a sanitizer watches the library.
bool sanitized();

/// Calls `callback` before a sanitizer ends the program. Does nothing without one.
void on_sanitizer_death(void (*callback)());

}  // namespace pellucid::test
