#include "pellucid/study/journal.hpp"

#include "pellucid/data/file.hpp"
#include "pellucid/data/sha256.hpp"
#include "pellucid/error.hpp"

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <string_view>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

namespace pellucid::study {

namespace {

constexpr std::string_view magic = "pellucid study 1\n";
constexpr std::size_t sum_length = 16;

void put_number(Bytes& out, std::uint64_t value) {
    for (unsigned shift = 0; shift < 64; shift += 8) out.push_back(static_cast<std::uint8_t>(value >> shift));
}

std::uint64_t number_at(std::span<const std::uint8_t> bytes, std::size_t at) {
    std::uint64_t value = 0;
    for (unsigned i = 0; i < 8; ++i) value |= static_cast<std::uint64_t>(bytes[at + i]) << (8 * i);
    return value;
}

Bytes head_of(const Finished& study) {
    Bytes head(magic.begin(), magic.end());
    put_number(head, study.description.size());
    put_number(head, study.chunks);
    head.insert(head.end(), study.description.begin(), study.description.end());
    return head;
}

Bytes record_of(std::size_t chunk, const Numbers& numbers) {
    Bytes record;
    record.reserve(16 + 8 * numbers.size() + sum_length);
    put_number(record, chunk);
    put_number(record, numbers.size());
    for (const double number : numbers) put_number(record, std::bit_cast<std::uint64_t>(number));
    const std::string sum = sha256(record).substr(0, sum_length);
    record.insert(record.end(), sum.begin(), sum.end());
    return record;
}

/// What the bytes hold, and how many of them whole chunks end at.
Finished parse_journal(std::span<const std::uint8_t> bytes, const std::string& path, std::size_t& sound) {
    const auto refuse = [&](const char* why) {
        fail(ErrorCode::bad_file, "{} holds no chunks of a study: {}", path, why);
    };
    if (bytes.size() < magic.size() || !std::equal(magic.begin(), magic.end(), bytes.begin()))
        refuse("it does not begin as such a file does");
    std::size_t at = magic.size() + 16;
    if (bytes.size() < at) refuse("it ends too early");
    Finished study;
    const std::uint64_t length = number_at(bytes, magic.size());
    study.chunks = static_cast<std::size_t>(number_at(bytes, magic.size() + 8));
    if (length > bytes.size() - at) refuse("it ends too early");
    study.description.assign(bytes.begin() + static_cast<std::ptrdiff_t>(at),
                             bytes.begin() + static_cast<std::ptrdiff_t>(at + length));
    at += length;
    sound = at;
    while (bytes.size() - at >= 16 + sum_length) {
        const std::uint64_t chunk = number_at(bytes, at), count = number_at(bytes, at + 8);
        if (chunk >= study.chunks || count > (bytes.size() - at - 16 - sum_length) / 8) break;
        const std::size_t end = at + 16 + 8 * static_cast<std::size_t>(count);
        const std::string sum = sha256(bytes.subspan(at, end - at)).substr(0, sum_length);
        if (!std::equal(sum.begin(), sum.end(), bytes.begin() + static_cast<std::ptrdiff_t>(end))) break;
        Numbers numbers;
        for (std::size_t i = at + 16; i < end; i += 8) numbers.push_back(std::bit_cast<double>(number_at(bytes, i)));
        study.numbers[static_cast<std::size_t>(chunk)] = std::move(numbers);
        at = end + sum_length;
        sound = at;
    }
    return study;
}

}  // namespace

Finished read_journal(const std::string& path) {
    std::size_t sound = 0;
    return parse_journal(read_file(path), path, sound);
}

Finished merged(const std::vector<std::string>& paths) {
    if (paths.empty()) fail(ErrorCode::bad_argument, "there is nothing to merge: name the files of all shards");
    Finished whole;
    std::map<std::size_t, const std::string*> from;
    for (const std::string& path : paths) {
        Finished part = read_journal(path);
        if (&path == &paths.front()) {
            whole.description = part.description;
            whole.chunks = part.chunks;
        }
        if (part.description != whole.description || part.chunks != whole.chunks) {
            fail(ErrorCode::bad_argument,
                 "{} and {} are of different studies: shards of one study have the same model, data and options",
                 paths.front(), path);
        }
        for (auto& [chunk, numbers] : part.numbers) {
            if (from.contains(chunk)) {
                fail(ErrorCode::bad_argument, "{} and {} both hold chunk {}: every shard is to be given once",
                     *from[chunk], path, chunk);
            }
            from[chunk] = &path;
            whole.numbers[chunk] = std::move(numbers);
        }
    }
    if (whole.numbers.size() < whole.chunks) {
        std::size_t missing = 0;
        while (whole.numbers.contains(missing)) ++missing;
        fail(ErrorCode::bad_argument,
             "{} of {} chunks are missing, the first is {}: a shard was not given, or has not been finished (the same "
             "command finishes it)",
             whole.chunks - whole.numbers.size(), whole.chunks, missing);
    }
    return whole;
}

Journal::Journal(std::string path, std::string description, std::size_t chunks)
    : path_(std::move(path)), finished_{std::move(description), chunks, {}} {
    if (path_.empty()) return;
    descriptor_ = ::open(path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (descriptor_ < 0) fail_system("cannot write", path_, errno);
    try {
        begin_file();
    } catch (...) {
        ::close(descriptor_);
        throw;
    }
}

void Journal::begin_file() {
    if (::flock(descriptor_, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
        fail(ErrorCode::bad_argument, "another process is at work on {}: every shard writes to a file of its own",
             path_);
    }
    struct stat status{};
    if (::fstat(descriptor_, &status) != 0) fail_system("cannot read", path_, errno);
    if (!S_ISREG(status.st_mode)) fail(ErrorCode::bad_file, "{} is no file that chunks can be kept in", path_);
    const Bytes head = head_of(finished_);
    const Bytes there = status.st_size > 0 ? read_file(path_) : Bytes{};
    // A process that was killed while it wrote the head left a part of it.
    if (there.size() < head.size() && std::equal(there.begin(), there.end(), head.begin())) {
        if (::ftruncate(descriptor_, 0) != 0) fail_system("cannot write", path_, errno);
        write(head);
        return;
    }
    std::size_t sound = 0;
    Finished before = parse_journal(there, path_, sound);
    if (before.description != finished_.description || before.chunks != finished_.chunks) {
        fail(ErrorCode::bad_argument,
             "{} holds chunks of another study (another model, other data or options): another --out is right, or to "
             "remove that file",
             path_);
    }
    finished_ = std::move(before);
    if (::ftruncate(descriptor_, static_cast<off_t>(sound)) != 0) fail_system("cannot write", path_, errno);
    if (::lseek(descriptor_, 0, SEEK_END) < 0) fail_system("cannot write", path_, errno);
}

Journal::~Journal() {
    if (descriptor_ >= 0) ::close(descriptor_);
}

void Journal::write(std::span<const unsigned char> bytes) {
    while (!bytes.empty()) {
        const ssize_t written = ::write(descriptor_, bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) fail_system("cannot write", path_, errno);
        bytes = bytes.subspan(static_cast<std::size_t>(written));
    }
    if (::fdatasync(descriptor_) != 0 && errno != EINVAL) fail_system("cannot write", path_, errno);
}

void Journal::add(std::size_t chunk, Numbers numbers) {
    if (descriptor_ >= 0) write(record_of(chunk, numbers));
    finished_.numbers[chunk] = std::move(numbers);
}

}  // namespace pellucid::study
