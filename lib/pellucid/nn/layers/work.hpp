/// How a layer's work is cut into pieces: for threads, and for sums that must not depend on the number of threads.
#pragma once

#include "pellucid/parallel.hpp"

#include <algorithm>
#include <cstddef>

namespace pellucid::detail {

/// Items per task so that a task holds about a million operations: tiny work stays on the calling thread.
inline std::size_t grain(std::size_t operations_per_item) {
    constexpr std::size_t operations_per_task = std::size_t{1} << 20U;
    return std::max<std::size_t>(1, operations_per_task / std::max<std::size_t>(1, operations_per_item));
}

/// total += Σ over chunks of the batch. `body(first, last, sum)` adds the share of samples [first, last) to `sum`,
/// which has `size` numbers. The chunks depend on the sizes alone and are added in order, so the result is the same
/// for any number of threads. `operations_per_sample` decides how many chunks are worth their memory.
void sum_in_chunks(std::size_t batch, std::size_t size, std::size_t operations_per_sample, float* total,
                   FunctionRef<void(std::size_t, std::size_t, float*)> body);

}  // namespace pellucid::detail
