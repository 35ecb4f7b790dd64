/// Work spread over the machine's cores natively (oneTBB), done in order in WebAssembly.
#pragma once

#include "pellucid/function_ref.hpp"

#include <cstddef>
#include <mutex>

namespace pellucid {

#if defined(__EMSCRIPTEN__) && !defined(__EMSCRIPTEN_PTHREADS__)
/// One thread needs no lock; the standard one brings what it might say of the system's errors into the download (4 KB).
struct Mutex {
    void lock() {}
    void unlock() {}
};
#else
using Mutex = std::mutex;
#endif

/// Calls body(first, last) on disjoint ranges that cover 0 … count − 1; each range but the last has at least `grain`
/// items. Which thread does which range is open, so bodies must write to places of their own. Where there are tasks for
/// all threads, a parallel_for within a body runs on the body's own thread.
void parallel_for(std::size_t count, std::size_t grain, FunctionRef<void(std::size_t, std::size_t)> body);

/// Most threads that parallel_for uses; 0 = as many as there are cores. Applies to the whole process.
void set_thread_limit(std::size_t threads);
std::size_t thread_limit();

}  // namespace pellucid
