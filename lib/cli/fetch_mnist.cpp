#include "fetch_mnist.hpp"

#include "output.hpp"
#include "pellucid/data/file.hpp"
#include "pellucid/data/mnist.hpp"
#include "pellucid/data/sha256.hpp"
#include "pellucid/error.hpp"
#include "pellucid/text.hpp"
#include "progress.hpp"

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <thread>
#include <vector>

#include <spawn.h>
#include <sys/wait.h>

extern char** environ;

namespace pellucid::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::uintmax_t most_bytes = 16'000'000;  // the largest of the four has 9.9 MB
constexpr std::chrono::seconds most_time{300};

/// Waits for curl, and ends it where it was interrupted or does not keep to the limits. Returns "" or what went wrong.
std::string wait_for(pid_t child, const std::string& path) {
    const auto begin = std::chrono::steady_clock::now();
    std::string ended;
    int status = 0;
    for (;;) {
        const pid_t done = waitpid(child, &status, WNOHANG);
        if (done == child) break;
        if (done < 0 && errno != EINTR) return "curl was lost";
        std::error_code none;
        const std::uintmax_t size = fs::file_size(path, none);
        if (interrupted()) ended = "stopped";
        if (!none && size > most_bytes) ended = fmt::format("more than {} MB came", most_bytes / 1'000'000);
        if (std::chrono::steady_clock::now() - begin > most_time)
            ended = fmt::format("it took more than {} s", most_time.count());
        if (!ended.empty()) {
            ::kill(child, SIGKILL);
            while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
            }
            return ended;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    if (!WIFEXITED(status)) return "curl was ended by a signal";
    if (WEXITSTATUS(status) == 127) return "the program curl is not installed";
    if (WEXITSTATUS(status) != 0) return fmt::format("curl ended with code {}", WEXITSTATUS(status));
    return {};
}

/// Runs curl without a shell, so that no name needs quoting, and without its configuration files, so that the limits
/// hold. Returns "" or what went wrong.
std::string download(const std::string& url, const std::string& path) {
    std::vector<std::string> words = {"curl", "--disable", "--fail", "--location", "--silent", "--show-error"};
    words.insert(words.end(), {"--proto", "=https", "--proto-redir", "=https", "--max-redirs", "5"});
    words.insert(words.end(), {"--connect-timeout", "20", "--max-time", fmt::format("{}", most_time.count())});
    words.insert(words.end(), {"--max-filesize", fmt::format("{}", most_bytes), "--output", path, url});
    std::vector<char*> arguments;
    for (std::string& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);

    pid_t child = 0;
    const int error = posix_spawnp(&child, "curl", nullptr, nullptr, arguments.data(), environ);
    if (error == ENOENT) return "the program curl is not installed";
    if (error != 0) return fmt::format("curl does not start: {}", std::strerror(error));
    return wait_for(child, path);
}

[[noreturn]] void fail_with_advice(const std::string& what, const std::string& directory) {
    std::string advice = fmt::format(
        "{}.\nTo get MNIST: ask for it with --fetch, or put these four files, plain or as .gz (from {}), into {}, or "
        "into any directory that the data option or PELLUCID_MNIST_DIR names. sha256 of the unpacked files:",
        escaped(what), mnist_mirror, escaped(directory));
    for (const MnistFile& file : mnist_files()) advice += fmt::format("\n  {}  {}", file.sha256, file.name);
    throw Error(ErrorCode::bad_file, advice);
}

/// The sum of a file's unpacked bytes, or "" where it cannot be unpacked.
std::string sum_of(const std::string& path) {
    try {
        return sha256(read_unpacked(path));
    } catch (const Error&) {
        return {};
    }
}

}  // namespace

std::string default_mnist_directory() {
    if (const char* cache = std::getenv("XDG_CACHE_HOME"); cache != nullptr && *cache != '\0') {
        return (fs::path(cache) / "pellucid/mnist").string();
    }
    if (const char* home = std::getenv("HOME"); home != nullptr && *home != '\0') {
        return (fs::path(home) / ".cache/pellucid/mnist").string();
    }
    return {};
}

void fetch_mnist(const std::string& directory) {
    std::error_code error;
    fs::create_directories(directory, error);
    if (error) fail(ErrorCode::bad_file, "cannot make the directory {}: {}", directory, error.message());

    for (const MnistFile& file : mnist_files()) {
        if (const std::string there = find_mnist_file(directory, file.name); !there.empty()) {
            if (sum_of(there) == file.sha256) continue;
            fail_with_advice(fmt::format("{} is not MNIST's file (another sha256): remove it to fetch it again", there),
                             directory);
        }
        const std::string path = (fs::path(directory) / file.name).string() + ".gz";
        // Downloaded beside its place and moved when it is right: an interrupted download never looks like a file.
        const std::string part = path + ".part";
        const std::string url = fmt::format("{}{}.gz", mnist_mirror, file.name);
        say(fmt::format("fetching {}", url));
        std::string trouble = download(url, part);
        if (trouble.empty() && sum_of(part) != file.sha256) trouble = "what came has another sha256";
        if (trouble.empty()) {
            fs::rename(part, path, error);
            if (error) trouble = error.message();
        }
        if (!trouble.empty()) {
            fs::remove(part, error);
            stop_if_interrupted("MNIST was fetched");
            fail_with_advice(fmt::format("cannot fetch {}: {}", url, trouble), directory);
        }
    }
    say(fmt::format("MNIST is in {}, its sha256 sums are right", directory));
}

std::string ensure_mnist(const std::string& option, bool fetch) {
    const std::string named = mnist_directory(option);
    const std::string directory = named.empty() ? default_mnist_directory() : named;
    if (directory.empty())
        fail(ErrorCode::bad_argument, "no place for MNIST: give its directory or set PELLUCID_MNIST_DIR");
    if (has_mnist(directory)) return directory;
    if (!fetch) fail_with_advice(fmt::format("{} does not hold the four files of MNIST", directory), directory);
    watch_interrupt();
    fetch_mnist(directory);
    return directory;
}

}  // namespace pellucid::cli
