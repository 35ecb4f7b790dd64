#include "ranks.hpp"

#include "pellucid/error.hpp"

#include <bit>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <string>
#include <vector>

#ifdef PELLUCID_HAS_MPI
#include <mpi.h>
#endif

namespace pellucid::cli {

/// What OpenMPI, and then MPICH, Intel MPI and Slurm's starter of these tell
/// each of them.
std::size_t started_together() {
    for (const char* name : {"OMPI_COMM_WORLD_SIZE", "PMI_SIZE"}) {
        if (const char* size = std::getenv(name)) return static_cast<std::size_t>(std::strtoul(size, nullptr, 10));
    }
    return 1;
}

#ifdef PELLUCID_HAS_MPI

Ranks::Ranks() {
    // Alone there is nobody to join, and starting MPI takes a tenth of a second.
    if (started_together() <= 1) return;
    MPI_Init(nullptr, nullptr);
    int rank = 0, size = 1;
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    MPI_Comm_size(MPI_COMM_WORLD, &size);
    rank_ = static_cast<std::size_t>(rank);
    size_ = static_cast<std::size_t>(size);
}

Ranks::~Ranks() {
    // After an error the others wait for what will not come: mpirun ends them when one ends like this.
    if (size_ > 1 && std::uncaught_exceptions() == 0) MPI_Finalize();
}

namespace {

std::vector<std::uint64_t> packed(const study::Finished& own) {
    std::vector<std::uint64_t> words{own.chunks, own.description.size()};
    words.resize(2 + (own.description.size() + 7) / 8);
    std::memcpy(words.data() + 2, own.description.data(), own.description.size());
    for (const auto& [chunk, numbers] : own.numbers) {
        words.push_back(chunk);
        words.push_back(numbers.size());
        for (const double number : numbers) words.push_back(std::bit_cast<std::uint64_t>(number));
    }
    return words;
}

void unpack(const std::uint64_t* words, std::size_t count, study::Finished& into) {
    const std::size_t length = words[1];
    std::string description(length, ' ');
    std::memcpy(description.data(), words + 2, length);
    if (words[0] != into.chunks || description != into.description) {
        fail(ErrorCode::bad_argument,
             "the ranks are at different studies: the same model, data and options are right on all machines");
    }
    for (std::size_t i = 2 + (length + 7) / 8; i < count;) {
        const std::size_t chunk = words[i], numbers = words[i + 1];
        i += 2;
        study::Numbers values;
        for (std::size_t k = 0; k < numbers; ++k) values.push_back(std::bit_cast<double>(words[i + k]));
        into.numbers[chunk] = std::move(values);
        i += numbers;
    }
}

}  // namespace

std::optional<study::Finished> Ranks::gathered(const study::Finished& own) const {
    if (size_ == 1) return own;
    constexpr int tag = 1;
    const std::vector<std::uint64_t> words = packed(own);
    if (rank_ != 0) {
        MPI_Send(words.data(), static_cast<int>(words.size()), MPI_UINT64_T, 0, tag, MPI_COMM_WORLD);
        return std::nullopt;
    }
    study::Finished whole = own;
    for (std::size_t other = 1; other < size_; ++other) {
        MPI_Status status;
        int count = 0;
        MPI_Probe(static_cast<int>(other), tag, MPI_COMM_WORLD, &status);
        MPI_Get_count(&status, MPI_UINT64_T, &count);
        std::vector<std::uint64_t> theirs(static_cast<std::size_t>(count));
        MPI_Recv(theirs.data(), count, MPI_UINT64_T, static_cast<int>(other), tag, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
        unpack(theirs.data(), theirs.size(), whole);
    }
    return whole;
}

#else

Ranks::Ranks() {
    if (started_together() > 1) {
        fail(ErrorCode::unsupported,
             "mpirun started {} processes, and this pellucid was built without MPI, so each would do all of the work: "
             "built with it (Debian: libopenmpi-dev and openmpi-bin), or shards without mpirun (--shard 1/{} --out "
             "FILE, …) are right",
             started_together(), started_together());
    }
}

Ranks::~Ranks() = default;

std::optional<study::Finished> Ranks::gathered(const study::Finished& own) const { return own; }

#endif

}  // namespace pellucid::cli
