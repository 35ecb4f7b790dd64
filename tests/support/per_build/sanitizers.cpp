#include "support/sanitizers.hpp"

#include "instrumented.hpp"

#ifdef PELLUCID_SANITIZED
extern "C" void __sanitizer_set_death_callback(void (*callback)());
#endif

namespace pellucid::test {

#ifdef PELLUCID_SANITIZED
bool sanitized() { return true; }
void on_sanitizer_death(void (*callback)()) { __sanitizer_set_death_callback(callback); }
#else
bool sanitized() { return false; }
void on_sanitizer_death(void (*)()) {}
#endif

}  // namespace pellucid::test
