/// SHA-256 of bytes, to tell whether a fetched file is the one that was meant.
///
/// Written out here because neither Debian 12 nor 13 has a small header-only library for it, and a TLS library for one
/// sum would be a heavy dependency. FIPS 180-4, section 6.2; about 200 MB/s.
#pragma once

#include <cstdint>
#include <span>
#include <string>

namespace pellucid {

/// The sum as 64 lower-case hexadecimal digits, as sha256sum prints it.
std::string sha256(std::span<const std::uint8_t> bytes);

}  // namespace pellucid
