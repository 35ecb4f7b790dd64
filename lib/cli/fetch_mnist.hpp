/// Fetches MNIST from its public mirror, natively, through the `curl` program.
#pragma once

#include <functional>
#include <string>

namespace pellucid::cli {

/// Where the four .gz files are fetched from.
inline constexpr const char* mnist_mirror = "https://ossci-datasets.s3.amazonaws.com/mnist/";

/// $XDG_CACHE_HOME/pellucid/mnist, or ~/.cache/pellucid/mnist; "" where neither variable is set.
std::string default_mnist_directory();

/// Makes sure that `directory` holds the four files of MNIST with the published sums: files that are there are checked,
/// missing ones are fetched (about 11 MB in all) and kept as .gz. `say` gets a line for each step.
/// Throws Error(bad_file) with how to get the files by hand, and which sums they must have, where fetching fails.
void fetch_mnist(const std::string& directory, const std::function<void(const std::string&)>& say,
                 const std::string& mirror = mnist_mirror);

/// The directory to read MNIST from: `option`, else PELLUCID_MNIST_DIR, else default_mnist_directory(); in the last case
/// missing files are fetched first. Error(bad_file) where a named directory lacks a file.
std::string ensure_mnist(const std::string& option, const std::function<void(const std::string&)>& say);

}  // namespace pellucid::cli
