#include "pellucid/data/file.hpp"

#include "pellucid/error.hpp"
#include "pellucid/parallel.hpp"

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace pellucid {
namespace {

/// open() until no signal comes between.
int open_anew(const char* path, int flags, mode_t mode = 0) {
    for (;;) {
        const int descriptor = ::open(path, flags | O_CLOEXEC, mode);
        if (descriptor >= 0 || errno != EINTR) return descriptor;
    }
}

/// Not every file system can sync every file; those that cannot say so.
bool is_no_sync(int reason) { return reason == EINVAL || reason == ENOSYS || reason == ENOTSUP || reason == EROFS; }

FileWriter* unfinished = nullptr;
Mutex unfinished_lock;

}  // namespace

void remove_unfinished_files() noexcept {
    for (const FileWriter* file = unfinished; file != nullptr; file = file->next_) {
        if (!file->part_.empty()) ::unlink(file->part_.c_str());
    }
}

FileWriter::FileWriter(std::string path) : path_(std::move(path)), place_(path_) {
    std::error_code broken;
    if (std::filesystem::is_symlink(path_, broken)) {
        const std::filesystem::path behind = std::filesystem::weakly_canonical(path_, broken);
        if (!broken) place_ = behind.string();
    }
    struct stat about{};
    const bool exists = ::stat(place_.c_str(), &about) == 0;
    if (exists && S_ISDIR(about.st_mode)) fail_now(EISDIR);
    if (exists && !S_ISREG(about.st_mode)) {
        descriptor_ = open_anew(place_.c_str(), O_WRONLY);
        if (descriptor_ < 0) fail_now(errno);
        return;
    }
    // A file that must not be written must not be replaced either.
    if (exists && ::access(place_.c_str(), W_OK) != 0) fail_now(errno);
    open_beside();
    // Where permissions cannot be kept, those of a new file are right.
    if (exists) (void)::fchmod(descriptor_, about.st_mode & 07777U);
}

/// In the same folder, since only within a file system is renaming one step; a short name, since the place's may be as
/// long as names can be.
void FileWriter::open_beside() {
    const std::filesystem::path folder = std::filesystem::path(place_).parent_path();
    for (int number = 0;; ++number) {
        std::string part = (folder / fmt::format(".pellucid-{}-{}.part", ::getpid(), number)).string();
        descriptor_ = open_anew(part.c_str(), O_WRONLY | O_CREAT | O_EXCL, 0666);
        if (descriptor_ >= 0) {
            part_ = std::move(part);
            const std::lock_guard guard(unfinished_lock);
            next_ = std::exchange(unfinished, this);
            return;
        }
        if (errno != EEXIST || number == 9999) fail_now(errno);
    }
}

FileWriter::~FileWriter() {
    if (descriptor_ >= 0) ::close(descriptor_);
    if (!part_.empty()) ::unlink(part_.c_str());
    const std::lock_guard guard(unfinished_lock);
    for (FileWriter** place = &unfinished; *place != nullptr; place = &(*place)->next_) {
        if (*place != this) continue;
        *place = next_;
        break;
    }
}

void FileWriter::fail_now(int reason) { fail_system("cannot write", path_, reason); }

void FileWriter::write(std::span<const std::uint8_t> bytes) {
    while (!bytes.empty()) {
        const ssize_t written = ::write(descriptor_, bytes.data(), std::min(bytes.size(), std::size_t{1} << 24U));
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) fail_now(errno);
        if (written == 0) fail_now(EIO);  // else this would go on for ever
        bytes = bytes.subspan(static_cast<std::size_t>(written));
    }
}

void FileWriter::rewrite_start(std::span<const std::uint8_t> bytes) {
    if (::lseek(descriptor_, 0, SEEK_SET) != 0) fail_now(errno);
    write(bytes);
    if (::lseek(descriptor_, 0, SEEK_END) < 0) fail_now(errno);
}

void FileWriter::commit() {
    int failed = 0;
    while ((failed = ::fsync(descriptor_)) != 0 && errno == EINTR) {
    }
    if (failed != 0 && !is_no_sync(errno)) fail_now(errno);
    // Whatever close() says, the descriptor is gone; a signal between (EINTR) loses nothing that is synced.
    if (::close(std::exchange(descriptor_, -1)) != 0 && errno != EINTR) fail_now(errno);
    if (part_.empty()) return;
    if (std::rename(part_.c_str(), place_.c_str()) != 0) fail_now(errno);
    part_.clear();
    // The folder's entry, too. The file is whole and in its place already, so that this may fail.
    const std::filesystem::path folder = std::filesystem::path(place_).parent_path();
    const int entry = open_anew(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY);
    if (entry < 0) return;
    (void)::fsync(entry);
    ::close(entry);
}

void write_file(const std::string& path, std::span<const std::uint8_t> bytes) {
    FileWriter file(path);
    file.write(bytes);
    file.commit();
}

}  // namespace pellucid
