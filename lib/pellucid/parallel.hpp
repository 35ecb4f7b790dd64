/// Work spread over the machine's cores natively (oneTBB), done in order in WebAssembly.
#pragma once

#include <cstddef>
#include <functional>

namespace pellucid {

/// Calls body(first, last) on disjoint ranges that cover 0 … count − 1; each range but the last has at least `grain`
/// items. Which thread does which range is open, so bodies must write to places of their own.
void parallel_for(std::size_t count, std::size_t grain, const std::function<void(std::size_t, std::size_t)>& body);

/// Most threads that parallel_for uses; 0 = as many as there are cores. Applies to the whole process.
void set_thread_limit(std::size_t threads);
std::size_t thread_limit();

}  // namespace pellucid
