/// MNIST: 60,000 training and 10,000 test images of handwritten digits, 28×28, from four IDX files in one directory.
///
/// The files keep their usual names (train-images-idx3-ubyte, train-labels-idx1-ubyte, t10k-images-idx3-ubyte,
/// t10k-labels-idx1-ubyte), each plain or with .gz; the directory is an option or the variable PELLUCID_MNIST_DIR.
#pragma once

#include "pellucid/data/idx.hpp"
#include "pellucid/tensor.hpp"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace pellucid {

/// Images with one label (0 … 9) each.
struct LabelledImages {
    ByteImages images;
    std::vector<std::uint8_t> labels;

    std::size_t size() const noexcept { return labels.size(); }
};

enum class MnistPart { train, test };

/// One of the four files: its name without .gz and the SHA-256 of its unpacked bytes.
struct MnistFile {
    std::string_view name;
    std::string_view sha256;
};

/// Training images, training labels, test images, test labels.
const std::array<MnistFile, 4>& mnist_files();

/// `option` where it is not empty, otherwise PELLUCID_MNIST_DIR, otherwise "".
std::string mnist_directory(const std::string& option = {});

/// Path of a file in `directory`, plain or .gz, whichever is there (plain first); "" where neither is.
std::string find_mnist_file(const std::string& directory, std::string_view name);

/// True where all four files are there; says nothing about what they hold.
bool has_mnist(const std::string& directory);

/// Reads one part and checks that images and labels are as many as they must be (60,000 or 10,000), 28×28, labels 0 …
/// 9. Error(bad_file) names what is missing or wrong; Error(bad_argument) where `directory` is empty.
LabelledImages load_mnist(const std::string& directory, MnistPart part);

/// Unpacks all four files and compares their SHA-256 with the published ones. Error(bad_file) names the first that
/// differs.
void verify_mnist(const std::string& directory);

}  // namespace pellucid
