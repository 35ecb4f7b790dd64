#include "pellucid/parallel.hpp"

#include <algorithm>

#ifdef PELLUCID_HAS_TBB
#include <oneapi/tbb/blocked_range.h>
#include <oneapi/tbb/global_control.h>
#include <oneapi/tbb/info.h>
#include <oneapi/tbb/parallel_for.h>

#include <atomic>
#include <utility>
#endif
#ifdef PELLUCID_PLAIN_THREADS
#include <atomic>
#include <exception>
#include <thread>
#include <vector>
#endif

namespace pellucid {

#ifdef PELLUCID_HAS_TBB

namespace {
std::atomic<std::size_t> limit{0};
tbb::global_control* control = nullptr;  // not destroyed at the end: oneTBB would allocate for it

/// Whether this thread works at one of so many tasks that all threads have one.
thread_local bool busy = false;

class Busy {
public:
    explicit Busy(bool enough) : before_(busy) { busy = before_ || enough; }
    ~Busy() { busy = before_; }
    Busy(const Busy&) = delete;
    Busy& operator=(const Busy&) = delete;

private:
    bool before_;
};
}  // namespace

std::size_t thread_limit() {
    const std::size_t asked = limit.load();
    return asked != 0 ? asked : static_cast<std::size_t>(tbb::info::default_concurrency());
}

void set_thread_limit(std::size_t threads) {
    limit = threads;
    delete std::exchange(control, nullptr);
    if (threads != 0) control = new tbb::global_control(tbb::global_control::max_allowed_parallelism, threads);
}

void parallel_for(std::size_t count, std::size_t grain, FunctionRef<void(std::size_t, std::size_t)> body) {
    if (count == 0) return;
    grain = std::max<std::size_t>(grain, 1);
    if (count <= grain || busy || thread_limit() == 1) {
        body(0, count);
        return;
    }
    const bool enough = count / grain >= thread_limit();
    tbb::parallel_for(tbb::blocked_range<std::size_t>(0, count, grain), [&](const auto& range) {
        const Busy guard(enough);
        body(range.begin(), range.end());
    });
}

#elif defined(PELLUCID_PLAIN_THREADS)

// For builds under a sanitizer that oneTBB would confuse: threads that come and go. However little there is to do, all
// of them do a part, so that small cases show what large ones would.
namespace {
std::atomic<std::size_t> limit{0};
thread_local bool inside = false;
}  // namespace

std::size_t thread_limit() {
    const std::size_t asked = limit.load();
    return asked != 0 ? asked : 4;
}

void set_thread_limit(std::size_t threads) { limit = threads; }

void parallel_for(std::size_t count, std::size_t, FunctionRef<void(std::size_t, std::size_t)> body) {
    if (count == 0) return;
    const std::size_t ranges = std::min(count, thread_limit());
    if (ranges <= 1 || inside) {
        body(0, count);
        return;
    }
    std::vector<std::exception_ptr> errors(ranges);
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < ranges; ++i) {
        threads.emplace_back([&, i] {
            inside = true;
            try {
                body(count * i / ranges, count * (i + 1) / ranges);
            } catch (...) {
                errors[i] = std::current_exception();
            }
        });
    }
    for (std::thread& thread : threads) thread.join();
    for (const std::exception_ptr& error : errors) {
        if (error) std::rethrow_exception(error);
    }
}

#else

std::size_t thread_limit() { return 1; }
void set_thread_limit(std::size_t) {}

void parallel_for(std::size_t count, std::size_t, FunctionRef<void(std::size_t, std::size_t)> body) {
    if (count != 0) body(0, count);
}

#endif

}  // namespace pellucid
