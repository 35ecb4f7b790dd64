#include "pellucid/study/shard.hpp"

#include "pellucid/error.hpp"
#include "pellucid/parallel.hpp"

#include <atomic>
#include <charconv>

namespace pellucid::study {

Shard parse_shard(std::string_view text) {
    Shard shard;
    const char* end = text.data() + text.size();
    const auto [slash, first] = std::from_chars(text.data(), end, shard.number);
    bool right = first == std::errc{} && slash != end && *slash == '/';
    if (right) {
        const auto [last, second] = std::from_chars(slash + 1, end, shard.of);
        right = second == std::errc{} && last == end;
    }
    if (!right || shard.number < 1 || shard.number > shard.of) {
        fail(ErrorCode::bad_argument, "'{}' is no shard; NUMBER/OF is, counted from 1, as in 3/16", text);
    }
    return shard;
}

bool do_chunks(Journal& journal, const Shard& shard, const Work& work) {
    std::vector<std::size_t> left;
    std::size_t mine = 0;
    for (std::size_t chunk = 0; chunk < journal.finished().chunks; ++chunk) {
        if (!shard.holds(chunk)) continue;
        ++mine;
        if (!journal.has(chunk)) left.push_back(chunk);
    }
    Mutex guard;
    std::size_t done = mine - left.size();
    std::atomic<std::size_t> next{0};
    // Chunks may take very different times: every thread takes the next one when it is done with its last.
    const std::size_t lanes = std::min(left.size(), std::max<std::size_t>(thread_limit(), 1));
    parallel_for(lanes, 1, [&](std::size_t begin, std::size_t end) {
        for (std::size_t lane = begin; lane < end; ++lane) {
            std::unique_ptr<Worker> worker;
            for (std::size_t i = next++; i < left.size() && !work.stopped(); i = next++) {
                if (!worker) worker = work.worker();
                Numbers numbers = worker->compute(left[i]);
                const std::lock_guard lock(guard);
                if (work.stopped()) break;
                journal.add(left[i], std::move(numbers));
                work.progress(static_cast<double>(++done) / static_cast<double>(mine));
            }
        }
    });
    return done == mine;
}

}  // namespace pellucid::study
