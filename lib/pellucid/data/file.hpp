/// Whole files as bytes, and gzip around them.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace pellucid {

using Bytes = std::vector<std::uint8_t>;

/// All bytes of a file. Error(bad_file) names the path where it cannot be read.
Bytes read_file(const std::string& path);

/// Writes (or overwrites) a file. Error(bad_file) names the path where it cannot be written.
void write_file(const std::string& path, std::span<const std::uint8_t> bytes);

/// True where `bytes` begin as a gzip member does.
bool is_gzip(std::span<const std::uint8_t> bytes) noexcept;

/// Unpacks gzip. `name` is what messages call the bytes.
/// Error(bad_file): damaged, cut short or larger than 1 GiB; Error(unsupported): a build without zlib (WebAssembly).
Bytes gunzip(std::span<const std::uint8_t> bytes, const std::string& name);

/// A file's bytes, unpacked where they are gzip; the name's ending plays no part.
Bytes read_unpacked(const std::string& path);

}  // namespace pellucid
