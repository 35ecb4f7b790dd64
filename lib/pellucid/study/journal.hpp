/// A study's finished chunks in a file, so that whoever was stopped or killed goes on where it was.
///
/// A study is work over a data set that is cut into chunks of fixed contents: which process, thread or machine does a
/// chunk changes nothing in its numbers. Its description is a text that holds all that the numbers depend on; chunks of
/// studies whose descriptions differ are never put together.
///
/// File: "pellucid study 1\n", the description's length and the number of chunks (8 bytes each, little-endian), the
/// description, and then for each finished chunk, in any order, its number and how many numbers it has (8 bytes each),
/// these as float64, and the first 16 hex digits of the SHA-256 of all that. What a killed process left half written
/// behind the last whole chunk is cut off and done again.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace pellucid::study {

using Numbers = std::vector<double>;

/// What is kept of a study in memory.
struct Finished {
    std::string description;
    std::size_t chunks = 0;
    std::map<std::size_t, Numbers> numbers;  ///< by chunk
};

/// Everything in a file. Throws Error(bad_file) where it is no study's.
Finished read_journal(const std::string& path);

/// Files of the same study as one. Throws Error(bad_argument) where a file is of another study, where two hold the same
/// chunk, or where chunks are missing; it says which.
Finished merged(const std::vector<std::string>& paths);

/// Chunks are added from one thread at a time.
class Journal {
public:
    /// Without a path nothing is kept but in memory. A file that is there is gone on with.
    /// Throws Error(bad_argument) where it is another study's, or where another process is at work on it.
    Journal(std::string path, std::string description, std::size_t chunks);
    ~Journal();
    Journal(const Journal&) = delete;
    Journal& operator=(const Journal&) = delete;

    bool has(std::size_t chunk) const { return finished_.numbers.contains(chunk); }
    /// On the disk when it returns. Throws Error(exhausted) where the disk is full, or fails.
    void add(std::size_t chunk, Numbers numbers);
    const Finished& finished() const { return finished_; }

private:
    void begin_file();
    void write(std::span<const unsigned char> bytes);

    std::string path_;
    Finished finished_;
    int descriptor_ = -1;
};

}  // namespace pellucid::study
