#include "pellucid/data/file.hpp"

#include "pellucid/error.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>
#include <new>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#ifdef PELLUCID_HAS_ZLIB
#include <zlib.h>

#include <limits>
#endif

namespace pellucid {
namespace {

/// An open file that is only read: nothing is lost where closing fails.
class Descriptor {
public:
    explicit Descriptor(int value) : value_(value) {}
    ~Descriptor() {
        if (value_ >= 0) ::close(value_);
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    int value() const { return value_; }

private:
    int value_;
};

int open_to_read(const std::string& path) {
    for (;;) {
        const int opened = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
        if (opened >= 0) return opened;
        if (errno != EINTR) fail_system("cannot read", path, errno);
    }
}

[[noreturn]] void fail_too_large(const std::string& path) {
    fail(ErrorCode::bad_file, "{} is larger than 1 GiB, the most that is read", path);
}

}  // namespace

void fail_system(const char* what, const std::string& path, int reason) {
    bool place = false;
    for (const int wrong : {ENOENT, ENOTDIR, EISDIR, EACCES, EPERM, EROFS, ENAMETOOLONG, ELOOP, EEXIST, ENXIO, ENODEV})
        place = place || reason == wrong;
    fail(place ? ErrorCode::bad_file : ErrorCode::exhausted, "{} {}: {}", what, path, std::strerror(reason));
}

// The system's own calls rather than iostreams or C's files: they say why they failed, and when a signal or a full disk
// cut them short.
Bytes read_file(const std::string& path) {
    const int opened = open_to_read(path);
    const Descriptor file(opened);
    struct stat about{};
    std::size_t expected = 0;
    if (::fstat(opened, &about) == 0 && S_ISREG(about.st_mode)) {
        if (static_cast<std::uint64_t>(about.st_size) > most_file_bytes) fail_too_large(path);
        expected = static_cast<std::size_t>(about.st_size);
    }
    Bytes bytes;
    std::size_t used = 0;
    for (;;) {
        // One byte more than expected shows the end without growing.
        if (used == bytes.size()) {
            bytes.resize(std::min(std::max({expected + 1, std::size_t{1} << 16U, 2 * used}), most_file_bytes + 1));
        }
        const ssize_t got = ::read(opened, bytes.data() + used, std::min(bytes.size() - used, std::size_t{1} << 24U));
        if (got < 0 && errno == EINTR) continue;
        // A directory opens, but does not read.
        if (got < 0) fail_system("cannot read", path, errno);
        if (got == 0) break;
        used += static_cast<std::size_t>(got);
        if (used > most_file_bytes) fail_too_large(path);
    }
    bytes.resize(used);
    return bytes;
}

Bytes read_range(const std::string& path, std::size_t first, std::size_t count) {
    const int opened = open_to_read(path);
    const Descriptor file(opened);
    Bytes bytes(count);
    std::size_t used = 0;
    while (used < count) {
        const ssize_t got = ::pread(opened, bytes.data() + used, count - used, static_cast<off_t>(first + used));
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) fail_system("cannot read", path, errno);
        if (got == 0) break;
        used += static_cast<std::size_t>(got);
    }
    bytes.resize(used);
    return bytes;
}

bool is_gzip(std::span<const std::uint8_t> bytes) noexcept {
    return bytes.size() >= 2 && bytes[0] == 0x1f && bytes[1] == 0x8b;
}

#ifdef PELLUCID_HAS_ZLIB

Bytes gunzip(std::span<const std::uint8_t> bytes, const std::string& name) {
    if (bytes.size() > std::numeric_limits<uInt>::max()) fail(ErrorCode::bad_file, "{} is larger than 4 GiB", name);

    z_stream stream{};
    // 16 + MAX_WBITS: a gzip header, not zlib's own.
    const int started = inflateInit2(&stream, 16 + MAX_WBITS);
    if (started == Z_MEM_ERROR) throw std::bad_alloc();
    if (started != Z_OK) fail(ErrorCode::internal, "zlib did not start");
    const std::unique_ptr<z_stream, int (*)(z_stream*)> ender(&stream, inflateEnd);
    stream.next_in = const_cast<Bytef*>(bytes.data());
    stream.avail_in = static_cast<uInt>(bytes.size());

    Bytes unpacked;
    std::size_t used = 0;
    for (;;) {
        if (used == unpacked.size()) {
            unpacked.resize(std::min(std::max<std::size_t>(std::size_t{1} << 16U, 2 * used), most_file_bytes + 1));
        }
        stream.next_out = unpacked.data() + used;
        stream.avail_out = static_cast<uInt>(unpacked.size() - used);
        const int status = inflate(&stream, Z_NO_FLUSH);
        used = unpacked.size() - stream.avail_out;
        if (used > most_file_bytes) fail(ErrorCode::bad_file, "{} unpacks to more than 1 GiB", name);
        if (status == Z_STREAM_END) {
            // gzip allows several members one after another.
            if (!is_gzip({stream.next_in, stream.avail_in})) break;
            inflateReset(&stream);
        } else if (status == Z_MEM_ERROR) {
            throw std::bad_alloc();
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
