#include "pellucid/nn/layers/work.hpp"

#include "pellucid/simd/kernels.hpp"

#include <vector>

namespace pellucid::detail {

namespace {

#if defined(PELLUCID_HAS_TBB) || defined(PELLUCID_PLAIN_THREADS)
constexpr std::size_t most_chunks = 8;
#else
constexpr std::size_t most_chunks = 1;
#endif

/// Partial sums that were returned, to be used again. A thread that waits for its chunks may meanwhile run another
/// sum, so thread_local memory would not do.
class Pool {
public:
    simd::AlignedVector take() {
        const std::lock_guard lock(mutex_);
        if (free_.empty()) return {};
        simd::AlignedVector vector = std::move(free_.back());
        free_.pop_back();
        return vector;
    }
    void give(simd::AlignedVector vector) {
        const std::lock_guard lock(mutex_);
        free_.push_back(std::move(vector));
    }

private:
    Mutex mutex_;
    std::vector<simd::AlignedVector> free_;
};

Pool& pool() {
    static Pool instance;
    return instance;
}

}  // namespace

void sum_in_chunks(std::size_t batch, std::size_t size, std::size_t operations_per_sample, float* total,
                   FunctionRef<void(std::size_t, std::size_t, float*)> body) {
    // Clearing and adding a partial sum costs a few passes over `size` numbers, mostly waiting for memory.
    const std::size_t samples_per_chunk = 1 + 16 * size / std::max<std::size_t>(1, operations_per_sample);
    const std::size_t chunks = std::clamp<std::size_t>(batch / samples_per_chunk, 1, most_chunks);
    if (chunks == 1) {
        body(0, batch, total);
        return;
    }
    simd::AlignedVector partial = pool().take();
    if (partial.size() < (chunks - 1) * size) partial.resize((chunks - 1) * size);
    const auto sum_of = [&](std::size_t chunk) { return chunk == 0 ? total : partial.data() + (chunk - 1) * size; };
    parallel_for(chunks, grain(operations_per_sample * batch / chunks), [&](std::size_t first, std::size_t last) {
        for (std::size_t chunk = first; chunk < last; ++chunk) {
            if (chunk != 0) std::fill_n(sum_of(chunk), size, 0.0F);
            body(batch * chunk / chunks, batch * (chunk + 1) / chunks, sum_of(chunk));
        }
    });
    for (std::size_t chunk = 1; chunk < chunks; ++chunk) simd::kernels().add(size, total, sum_of(chunk), total);
    pool().give(std::move(partial));
}

}  // namespace pellucid::detail
