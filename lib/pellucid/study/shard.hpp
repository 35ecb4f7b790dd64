/// A study's chunks shared out: among the threads of a process, among processes, among machines.
#pragma once

#include "pellucid/study/journal.hpp"

#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace pellucid::study {

/// Every of-th chunk, from number − 1 on.
struct Shard {
    std::size_t number = 1, of = 1;
    bool holds(std::size_t chunk) const { return chunk % of == number - 1; }
    bool whole() const { return of == 1; }
};

/// Reads "3/16". Throws Error(bad_argument) that says what would be right.
Shard parse_shard(std::string_view text);

/// What one thread does chunks with. The same chunk must give the same numbers whoever does it.
class Worker {
public:
    virtual ~Worker() = default;
    virtual Numbers compute(std::size_t chunk) = 0;
};

struct Work {
    std::function<std::unique_ptr<Worker>()> worker;
    std::function<bool()> stopped = [] { return false; };
    std::function<void(double)> progress = [](double) {};  ///< called from one thread at a time
};

/// Does the chunks of the shard that the journal lacks. False where it was stopped before all were done; what was done
/// is kept.
bool do_chunks(Journal& journal, const Shard& shard, const Work& work);

}  // namespace pellucid::study
