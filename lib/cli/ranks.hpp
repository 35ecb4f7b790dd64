/// The processes that mpirun started, where this is one of them and MPI was there when it was built.
#pragma once

#include "pellucid/study/journal.hpp"

#include <cstddef>
#include <optional>

namespace pellucid::cli {

class Ranks {
public:
    /// Joins the others. Throws Error(unsupported) where mpirun started several processes and this build knows no MPI:
    /// each would do all of the work.
    Ranks();
    ~Ranks();
    Ranks(const Ranks&) = delete;
    Ranks& operator=(const Ranks&) = delete;

    std::size_t rank() const { return rank_; }
    std::size_t size() const { return size_; }

    /// Puts what all have done together in the first one; the others get nothing. Everyone must call it.
    /// Throws Error(bad_argument) where ranks were at different studies, as with different files on their machines.
    std::optional<study::Finished> gathered(const study::Finished& own) const;

private:
    std::size_t rank_ = 0, size_ = 1;
};

/// How many processes mpirun started together with this one, whether this build knows MPI or not.
std::size_t started_together();

}  // namespace pellucid::cli
