/// Faults on purpose: preloaded into the command (LD_PRELOAD), it fails the n-th of one kind of call.
///
///   FAULT=kind:n[:reason]   the n-th call (from 1) and all after it fail with that reason, ENOSPC if not given
///   FAULT=kind:n=reason     only the n-th call fails
///   kinds: alloc (malloc, calloc, realloc, posix_memalign, aligned_alloc), write, open, read, fsync, close, rename,
///          short (the n-th write and all after it write half, at least one byte: nothing fails),
///          interrupt (every n-th read, write, open, fsync first fails with EINTR)
///   FAULT_COUNT=file        at the end, the number of calls of that kind is written there, and whether one failed
///
/// Counting starts in main: what the loader and the libraries' own initialisers do before is not the command's to
/// answer for. Nor is what the loader does later, when oneTBB looks for its allocator: glibc 2.36 crashes in dlopen()
/// where one of its own allocations fails.
/// Writes to standard error are never failed, since sentences are read from there.
#include <atomic>
#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include <dlfcn.h>
#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace {

enum class Kind { none, alloc, write, open, read, fsync, close, rename, part, interrupt };

struct {
    Kind kind = Kind::none;
    long at = 0;
    bool once = false;
    int reason = ENOSPC;
    char report[512] = "";
} fault;

std::atomic<bool> counting{false};
std::atomic<long> calls{0}, failed{0};
std::atomic<int> loading{0};  // calls of dlopen under way

/// Whether this call is to fail.
bool strikes(Kind kind) {
    if (kind != fault.kind || !counting.load(std::memory_order_relaxed) || loading > 0) return false;
    const long number = calls.fetch_add(1) + 1;
    const bool strike = fault.once ? number == fault.at : number >= fault.at;
    if (strike) failed.fetch_add(1);
    return strike;
}

bool fails(Kind kind) {
    if (!strikes(kind)) return false;
    errno = fault.reason;
    return true;
}

bool interrupts() {
    if (fault.kind != Kind::interrupt || !counting.load(std::memory_order_relaxed)) return false;
    if ((calls.fetch_add(1) + 1) % fault.at != 0) return false;
    failed.fetch_add(1);
    errno = EINTR;
    return true;
}

int reason_named(const char* name) {
    struct Named {
        const char* name;
        int reason;
    };
    constexpr Named reasons[] = {{"ENOSPC", ENOSPC}, {"EIO", EIO},       {"EMFILE", EMFILE}, {"EINTR", EINTR},
                                 {"EDQUOT", EDQUOT}, {"ENOMEM", ENOMEM}, {"EACCES", EACCES}};
    for (const Named& each : reasons) {
        if (std::strcmp(each.name, name) == 0) return each.reason;
    }
    std::fprintf(stderr, "FAULT: no reason %s\n", name);
    std::_Exit(99);
}

void read_settings() {
    const char* text = std::getenv("FAULT");
    if (text == nullptr) return;
    struct Named {
        const char* name;
        Kind kind;
    };
    constexpr Named kinds[] = {{"alloc", Kind::alloc},   {"write", Kind::write}, {"open", Kind::open},
                               {"read", Kind::read},     {"fsync", Kind::fsync}, {"close", Kind::close},
                               {"rename", Kind::rename}, {"short", Kind::part},  {"interrupt", Kind::interrupt}};
    const char* colon = std::strchr(text, ':');
    const std::size_t length = colon == nullptr ? 0 : static_cast<std::size_t>(colon - text);
    for (const Named& each : kinds) {
        if (std::strlen(each.name) == length && std::strncmp(each.name, text, length) == 0) fault.kind = each.kind;
    }
    if (fault.kind == Kind::none) {
        std::fprintf(stderr, "FAULT: %s is not understood\n", text);
        std::_Exit(99);
    }
    char* end = nullptr;
    fault.at = std::strtol(colon + 1, &end, 10);
    fault.once = *end == '=';
    if (*end != '\0') fault.reason = reason_named(end + 1);
    if (const char* report = std::getenv("FAULT_COUNT")) std::snprintf(fault.report, sizeof fault.report, "%s", report);
}

/// The system's own call under a name.
template <typename Function>
Function* next(Function*& place, const char* name) {
    if (place == nullptr) place = reinterpret_cast<Function*>(dlsym(RTLD_NEXT, name));
    return place;
}

void report() {
    counting = false;
    if (fault.report[0] == '\0') return;
    char text[64];
    const int size = std::snprintf(text, sizeof text, "%ld %ld\n", calls.load(), failed.load());
    const long file = syscall(SYS_openat, AT_FDCWD, fault.report, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    syscall(SYS_write, file, text, static_cast<std::size_t>(size));
    syscall(SYS_close, file);
}

int (*real_main)(int, char**, char**) = nullptr;

int counted_main(int argc, char** argv, char** environment) {
    counting = true;
    return real_main(argc, argv, environment);
}

}  // namespace

extern "C" {

void* __libc_malloc(std::size_t);
void* __libc_calloc(std::size_t, std::size_t);
void* __libc_realloc(void*, std::size_t);
void* __libc_memalign(std::size_t, std::size_t);

void* malloc(std::size_t size) { return fails(Kind::alloc) ? (errno = ENOMEM, nullptr) : __libc_malloc(size); }
void* calloc(std::size_t count, std::size_t size) {
    return fails(Kind::alloc) ? (errno = ENOMEM, nullptr) : __libc_calloc(count, size);
}
void* realloc(void* block, std::size_t size) {
    return fails(Kind::alloc) ? (errno = ENOMEM, nullptr) : __libc_realloc(block, size);
}
void* aligned_alloc(std::size_t alignment, std::size_t size) {
    return fails(Kind::alloc) ? (errno = ENOMEM, nullptr) : __libc_memalign(alignment, size);
}
int posix_memalign(void** block, std::size_t alignment, std::size_t size) {
    if (fails(Kind::alloc)) return ENOMEM;
    *block = __libc_memalign(alignment, size);
    return *block == nullptr ? ENOMEM : 0;
}

void* dlopen(const char* file, int flags) {
    static void* (*real)(const char*, int) = nullptr;
    ++loading;
    void* const handle = next(real, "dlopen")(file, flags);
    --loading;
    return handle;
}

ssize_t write(int descriptor, const void* bytes, std::size_t size) {
    static ssize_t (*real)(int, const void*, std::size_t) = nullptr;
    if (descriptor != STDERR_FILENO) {
        if (fails(Kind::write) || interrupts()) return -1;
        if (size > 1 && strikes(Kind::part)) size /= 2;
    }
    return next(real, "write")(descriptor, bytes, size);
}

ssize_t read(int descriptor, void* bytes, std::size_t size) {
    static ssize_t (*real)(int, void*, std::size_t) = nullptr;
    if (fails(Kind::read) || interrupts()) return -1;
    return next(real, "read")(descriptor, bytes, size);
}

ssize_t pread(int descriptor, void* bytes, std::size_t size, off_t from) {
    static ssize_t (*real)(int, void*, std::size_t, off_t) = nullptr;
    if (fails(Kind::read) || interrupts()) return -1;
    return next(real, "pread")(descriptor, bytes, size, from);
}

int open(const char* path, int flags, ...) {
    static int (*real)(const char*, int, ...) = nullptr;
    std::va_list more;
    va_start(more, flags);
    const mode_t mode = (flags & O_CREAT) != 0 ? va_arg(more, mode_t) : 0;
    va_end(more);
    if (fails(Kind::open) || interrupts()) return -1;
    return next(real, "open")(path, flags, mode);
}

int fsync(int descriptor) {
    static int (*real)(int) = nullptr;
    if (fails(Kind::fsync) || interrupts()) return -1;
    return next(real, "fsync")(descriptor);
}

int close(int descriptor) {
    static int (*real)(int) = nullptr;
    const int result = next(real, "close")(descriptor);  // whatever it says, the descriptor is gone
    return fails(Kind::close) ? -1 : result;
}

int rename(const char* from, const char* to) {
    static int (*real)(const char*, const char*) = nullptr;
    return fails(Kind::rename) ? -1 : next(real, "rename")(from, to);
}

/// Without atexit's functions, so that the report is made here.
void _exit(int code) {
    report();
    syscall(SYS_exit_group, code);
    __builtin_unreachable();
}
void _Exit(int code) { _exit(code); }

/// Counting begins with main, and is reported however the process ends by itself.
int __libc_start_main(int (*main)(int, char**, char**), int argc, char** argv, void (*init)(), void (*fini)(),
                      void (*loader)(), void* stack) {
    using Start = int(int (*)(int, char**, char**), int, char**, void (*)(), void (*)(), void (*)(), void*);
    static Start* real = nullptr;
    read_settings();
    std::atexit(report);
    real_main = main;
    return next(real, "__libc_start_main")(counted_main, argc, argv, init, fini, loader, stack);
}

}  // extern "C"
