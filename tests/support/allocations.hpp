/// Counts what the calling thread asks of the heap: operator new, malloc and the aligned ones alike.
#pragma once

#include <cstddef>

namespace pellucid::test {

/// False where the tests cannot stand between the program and its heap (under a sanitizer, or another C library).
bool allocations_are_counted();

/// Requests of the calling thread since it started.
std::size_t allocations();

}  // namespace pellucid::test
