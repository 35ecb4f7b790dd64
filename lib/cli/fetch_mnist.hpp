/// Fetches MNIST from its public mirror, natively, through the `curl` program.
#pragma once

#include <string>

namespace pellucid::cli {

/// Where the four .gz files are fetched from.
inline constexpr const char* mnist_mirror = "https://ossci-datasets.s3.amazonaws.com/mnist/";

/// $XDG_CACHE_HOME/pellucid/mnist, or ~/.cache/pellucid/mnist; "" where neither variable is set.
std::string default_mnist_directory();

/// Makes sure that `directory` holds the four files of MNIST with the published sums: files that are there are checked,
/// missing ones are fetched (about 11 MB in all) and kept as .gz. Only https is spoken, also after being sent
/// elsewhere; a file may take five minutes and 16 MB. Says each step on standard error.
/// Throws Error(bad_file) with how to get the files by hand, and which sums they must have, where fetching fails;
/// Error(cancelled) where it is interrupted.
void fetch_mnist(const std::string& directory);

inline constexpr const char* fetch_help =
    "fetch MNIST (11 MB, over https, checked) where it is missing: into --data, or ~/.cache/pellucid/mnist";

/// The directory to read MNIST from: `option`, else PELLUCID_MNIST_DIR, else default_mnist_directory(). Missing files
/// are fetched where `fetch` says so, never else. Error(bad_file) where files are missing.
std::string ensure_mnist(const std::string& option, bool fetch);

}  // namespace pellucid::cli
