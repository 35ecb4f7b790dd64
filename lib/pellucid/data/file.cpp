#include "pellucid/data/file.hpp"

#include "pellucid/error.hpp"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

#ifdef PELLUCID_HAS_ZLIB
#include <zlib.h>

#include <algorithm>
#include <limits>
#endif

namespace pellucid {
namespace {

struct Closer {
    void operator()(std::FILE* file) const noexcept { std::fclose(file); }
};
using File = std::unique_ptr<std::FILE, Closer>;

}  // namespace

// C's files rather than iostreams: they say why they failed (errno), and keep streams out of the WebAssembly build.
Bytes read_file(const std::string& path) {
    const File file(std::fopen(path.c_str(), "rb"));
    if (!file) fail(ErrorCode::bad_file, "cannot read {}: {}", path, std::strerror(errno));
    Bytes bytes;
    std::size_t used = 0;
    std::size_t step = 1U << 16U;
    for (;;) {
        bytes.resize(used + step);
        const std::size_t got = std::fread(bytes.data() + used, 1, step, file.get());
        used += got;
        if (got < step) break;
        step = used;
    }
    // A directory opens, but does not read.
    if (std::ferror(file.get()) != 0) fail(ErrorCode::bad_file, "cannot read {}: {}", path, std::strerror(errno));
    bytes.resize(used);
    return bytes;
}

void write_file(const std::string& path, std::span<const std::uint8_t> bytes) {
    File file(std::fopen(path.c_str(), "wb"));
    if (!file) fail(ErrorCode::bad_file, "cannot write {}: {}", path, std::strerror(errno));
    const bool written = std::fwrite(bytes.data(), 1, bytes.size(), file.get()) == bytes.size();
    const bool closed = std::fclose(file.release()) == 0;
    if (!written || !closed) fail(ErrorCode::bad_file, "cannot write {}: {}", path, std::strerror(errno));
}

bool is_gzip(std::span<const std::uint8_t> bytes) noexcept {
    return bytes.size() >= 2 && bytes[0] == 0x1f && bytes[1] == 0x8b;
}

#ifdef PELLUCID_HAS_ZLIB

Bytes gunzip(std::span<const std::uint8_t> bytes, const std::string& name) {
    constexpr std::size_t most = std::size_t{1} << 30U;
    if (bytes.size() > std::numeric_limits<uInt>::max()) fail(ErrorCode::bad_file, "{} is larger than 4 GiB", name);

    z_stream stream{};
    // 16 + MAX_WBITS: a gzip header, not zlib's own.
    if (inflateInit2(&stream, 16 + MAX_WBITS) != Z_OK) fail(ErrorCode::internal, "zlib did not start");
    const std::unique_ptr<z_stream, int (*)(z_stream*)> ender(&stream, inflateEnd);
    stream.next_in = const_cast<Bytef*>(bytes.data());
    stream.avail_in = static_cast<uInt>(bytes.size());

    Bytes unpacked;
    std::size_t used = 0;
    for (;;) {
        if (used == unpacked.size()) unpacked.resize(std::max<std::size_t>(std::size_t{1} << 16U, 2 * used));
        stream.next_out = unpacked.data() + used;
        stream.avail_out = static_cast<uInt>(unpacked.size() - used);
        const int status = inflate(&stream, Z_NO_FLUSH);
        used = unpacked.size() - stream.avail_out;
        if (used > most) fail(ErrorCode::bad_file, "{} unpacks to more than 1 GiB", name);
        if (status == Z_STREAM_END) {
            // gzip allows several members one after another.
            if (!is_gzip({stream.next_in, stream.avail_in})) break;
            inflateReset(&stream);
        } else if (status == Z_BUF_ERROR || (status == Z_OK && stream.avail_in == 0 && stream.avail_out != 0)) {
            fail(ErrorCode::bad_file, "{} is cut short: its gzip data end too early", name);
        } else if (status != Z_OK) {
            fail(ErrorCode::bad_file, "{} is damaged: {}", name, stream.msg != nullptr ? stream.msg : "bad gzip data");
        }
    }
    unpacked.resize(used);
    return unpacked;
}

#else

Bytes gunzip(std::span<const std::uint8_t>, const std::string& name) {
    fail(ErrorCode::unsupported, "{} is gzip-compressed, which this build cannot unpack: unpack it first (gunzip)",
         name);
}

#endif

Bytes read_unpacked(const std::string& path) {
    Bytes bytes = read_file(path);
    return is_gzip(bytes) ? gunzip(bytes, path) : bytes;
}

}  // namespace pellucid
