#include "support/allocations.hpp"

#include "instrumented.hpp"

#include <cerrno>
#include <cstdlib>

#if defined(__GLIBC__) && !defined(PELLUCID_SANITIZED)

namespace {
thread_local std::size_t count = 0;
}

// A program's own malloc comes before the C library's, for all libraries; glibc keeps its own under these names.
extern "C" {
void* __libc_malloc(std::size_t);
void* __libc_calloc(std::size_t, std::size_t);
void* __libc_realloc(void*, std::size_t);
void* __libc_memalign(std::size_t, std::size_t);

void* malloc(std::size_t size) noexcept {
    ++count;
    return __libc_malloc(size);
}
void* calloc(std::size_t items, std::size_t size) noexcept {
    ++count;
    return __libc_calloc(items, size);
}
void* realloc(void* old, std::size_t size) noexcept {
    ++count;
    return __libc_realloc(old, size);
}
void* memalign(std::size_t alignment, std::size_t size) noexcept {
    ++count;
    return __libc_memalign(alignment, size);
}
void* aligned_alloc(std::size_t alignment, std::size_t size) noexcept { return memalign(alignment, size); }
int posix_memalign(void** to, std::size_t alignment, std::size_t size) noexcept {
    *to = memalign(alignment, size);
    return *to == nullptr ? ENOMEM : 0;
}
}

namespace pellucid::test {
bool allocations_are_counted() { return true; }
std::size_t allocations() { return count; }
}  // namespace pellucid::test

#else

namespace pellucid::test {
bool allocations_are_counted() { return false; }
std::size_t allocations() { return 0; }
}  // namespace pellucid::test

#endif
