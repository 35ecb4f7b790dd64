#include "fetch_mnist.hpp"

#include "pellucid/data/file.hpp"
#include "pellucid/data/mnist.hpp"
#include "pellucid/data/sha256.hpp"
#include "pellucid/error.hpp"

#include <spawn.h>
#include <sys/wait.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <system_error>

extern char** environ;

namespace pellucid::cli {
namespace {

namespace fs = std::filesystem;

/// Runs curl without a shell, so that no name needs quoting. Returns "" or what went wrong.
std::string download(const std::string& url, const std::string& path) {
    std::array<std::string, 9> words = {
        "curl", "--fail", "--location", "--silent", "--show-error", "--connect-timeout", "20", "--output", path};
    std::string address = url;
    std::array<char*, 11> arguments{};
    for (std::size_t i = 0; i < words.size(); ++i) arguments[i] = words[i].data();
    arguments[words.size()] = address.data();

    pid_t child = 0;
    const int error = posix_spawnp(&child, "curl", nullptr, nullptr, arguments.data(), environ);
    if (error != 0) return "the program curl is not installed or does not start";
    int status = 0;
    if (waitpid(child, &status, 0) != child) return "curl was lost";
    if (!WIFEXITED(status)) return "curl was interrupted";
    if (WEXITSTATUS(status) == 127) return "the program curl is not installed";
    if (WEXITSTATUS(status) != 0) return fmt::format("curl ended with code {}", WEXITSTATUS(status));
    return {};
}

[[noreturn]] void fail_with_advice(const std::string& what, const std::string& directory, const std::string& mirror) {
    std::string advice = fmt::format(
        "{}.\nTo get MNIST by hand: put these four files, plain or as .gz (from {}), into {}, or into any directory that "
        "the data option or PELLUCID_MNIST_DIR names. sha256 of the unpacked files:",
        what, mirror, directory);
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

void fetch_mnist(const std::string& directory, const std::function<void(const std::string&)>& say,
                 const std::string& mirror) {
    std::error_code error;
    fs::create_directories(directory, error);
    if (error) fail(ErrorCode::bad_file, "cannot make the directory {}: {}", directory, error.message());

    for (const MnistFile& file : mnist_files()) {
        if (const std::string there = find_mnist_file(directory, file.name); !there.empty()) {
            if (sum_of(there) == file.sha256) continue;
            fail_with_advice(fmt::format("{} is not MNIST's file (another sha256): remove it to fetch it again", there),
                             directory, mirror);
        }
        const std::string path = (fs::path(directory) / file.name).string() + ".gz";
        // Downloaded beside its place and moved when it is right: an interrupted download never looks like a file.
        const std::string part = path + ".part";
        const std::string url = fmt::format("{}{}.gz", mirror, file.name);
        say(fmt::format("fetching {}", url));
        std::string trouble = download(url, part);
        if (trouble.empty() && sum_of(part) != file.sha256) trouble = "what came has another sha256";
        if (trouble.empty()) {
            fs::rename(part, path, error);
            if (error) trouble = error.message();
        }
        if (!trouble.empty()) {
            fs::remove(part, error);
            fail_with_advice(fmt::format("cannot fetch {}: {}", url, trouble), directory, mirror);
        }
    }
    say(fmt::format("MNIST is in {}, its sha256 sums are right", directory));
}

std::string ensure_mnist(const std::string& option, const std::function<void(const std::string&)>& say) {
    if (const std::string named = mnist_directory(option); !named.empty()) {
        if (!has_mnist(named)) {
            fail_with_advice(fmt::format("{} does not hold the four files of MNIST", named), named, mnist_mirror);
        }
        return named;
    }
    const std::string directory = default_mnist_directory();
    if (directory.empty())
        fail(ErrorCode::bad_argument, "no place for MNIST: give its directory or set PELLUCID_MNIST_DIR");
    if (!has_mnist(directory)) fetch_mnist(directory, say);
    return directory;
}

}  // namespace pellucid::cli
