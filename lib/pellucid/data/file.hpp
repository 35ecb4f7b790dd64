/// Whole files as bytes, and gzip around them.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace pellucid {

using Bytes = std::vector<std::uint8_t>;

/// Most bytes that a file may have, packed or unpacked: 1 GiB. Devices and pipes are read until they end or reach it.
inline constexpr std::size_t most_file_bytes = std::size_t{1} << 30U;

/// All bytes of a file. Error(bad_file) names the path where it cannot be read or is larger than most_file_bytes;
/// Error(exhausted) where the machine fails (an I/O error, no file descriptors).
Bytes read_file(const std::string& path);

/// Up to `count` bytes from `first` on; fewer where the file ends before. Errors as read_file().
Bytes read_range(const std::string& path, std::size_t first, std::size_t count);

/// Writes (or replaces) a file as FileWriter does.
void write_file(const std::string& path, std::span<const std::uint8_t> bytes);

/// Writes a file beside its place, and puts it there when it is whole and on the disk: at any time the place holds
/// either what was there before or all of the new. Where commit() was not reached, nothing is left. A link stays a
/// link, a replaced file's permissions stay, and what is no regular file (a device, a pipe) is written directly.
/// Error(bad_file) where there can be no such file (no folder, no permission); Error(exhausted) where the machine fails
/// (a full disk, an I/O error). Both name the path and the system's reason.
class FileWriter {
public:
    explicit FileWriter(std::string path);
    ~FileWriter();
    FileWriter(const FileWriter&) = delete;
    FileWriter& operator=(const FileWriter&) = delete;

    void write(std::span<const std::uint8_t> bytes);
    /// Writes over the first bytes again, once it is known what belongs there.
    void rewrite_start(std::span<const std::uint8_t> bytes);
    /// Syncs, closes and renames. Nothing more can be written.
    void commit();

private:
    [[noreturn]] void fail_now(int reason);
    void open_beside();

    std::string path_;
    std::string place_;  ///< path_ behind links
    std::string part_;   ///< what is written until commit(); empty where that is the place itself
    int descriptor_ = -1;
    FileWriter* next_ = nullptr;  ///< of those that are unfinished

    friend void remove_unfinished_files() noexcept;
};

/// Removes what all FileWriters have written beside and not committed: for a process that ends without unwinding. It
/// only calls unlink, and may be called from a signal's handler.
void remove_unfinished_files() noexcept;

/// Throws the Error of a failed call of the system: bad_file where `reason` (an errno) says that the path was wrong,
/// exhausted where the machine failed. `what`: as in "cannot write".
[[noreturn]] void fail_system(const char* what, const std::string& path, int reason);

/// True where `bytes` begin as a gzip member does.
bool is_gzip(std::span<const std::uint8_t> bytes) noexcept;

/// Unpacks gzip. `name` is what messages call the bytes.
/// Error(bad_file): damaged, cut short or larger than 1 GiB; Error(unsupported): a build without zlib (WebAssembly).
Bytes gunzip(std::span<const std::uint8_t> bytes, const std::string& name);

/// A file's bytes, unpacked where they are gzip; the name's ending plays no part.
Bytes read_unpacked(const std::string& path);

}  // namespace pellucid
