#include "pellucid/data/mnist.hpp"

#include "pellucid/data/file.hpp"
#include "pellucid/data/sha256.hpp"
#include "pellucid/error.hpp"

#include <algorithm>
#include <cstdlib>
#include <filesystem>

namespace pellucid {
namespace {

std::string needed_file(const std::string& directory, std::string_view name) {
    if (directory.empty()) {
        fail(ErrorCode::bad_argument,
             "no place of MNIST was given: give its directory or set PELLUCID_MNIST_DIR to it");
    }
    std::string path = find_mnist_file(directory, name);
    if (path.empty()) fail(ErrorCode::bad_file, "{} has neither {} nor {}.gz", directory, name, name);
    return path;
}

}  // namespace

const std::array<MnistFile, 4>& mnist_files() {
    static constexpr std::array<MnistFile, 4> files = {{
        {"train-images-idx3-ubyte", "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db"},
        {"train-labels-idx1-ubyte", "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5"},
        {"t10k-images-idx3-ubyte", "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7"},
        {"t10k-labels-idx1-ubyte", "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2"},
    }};
    return files;
}

std::string mnist_directory(const std::string& option) {
    if (!option.empty()) return option;
    const char* variable = std::getenv("PELLUCID_MNIST_DIR");
    return variable != nullptr ? variable : "";
}

std::string find_mnist_file(const std::string& directory, std::string_view name) {
    const std::filesystem::path plain = std::filesystem::path(directory) / name;
    for (const std::string& path : {plain.string(), plain.string() + ".gz"}) {
        std::error_code ignored;
        if (std::filesystem::is_regular_file(path, ignored)) return path;
    }
    return {};
}

bool has_mnist(const std::string& directory) {
    return !directory.empty() && std::ranges::none_of(mnist_files(), [&](const MnistFile& file) {
        return find_mnist_file(directory, file.name).empty();
    });
}

LabelledImages load_mnist(const std::string& directory, MnistPart part) {
    const std::size_t first = part == MnistPart::train ? 0 : 2;
    const std::size_t expected = part == MnistPart::train ? 60000 : 10000;
    const std::string images_path = needed_file(directory, mnist_files()[first].name);
    const std::string labels_path = needed_file(directory, mnist_files()[first + 1].name);

    LabelledImages data{read_idx_images(images_path), read_idx_labels(labels_path)};
    if (data.images.count != expected || data.images.rows != 28 || data.images.columns != 28) {
        fail(ErrorCode::bad_file, "{} holds {} images of {}×{}; MNIST has {} of 28×28", images_path, data.images.count,
             data.images.rows, data.images.columns, expected);
    }
    if (data.labels.size() != expected) {
        fail(ErrorCode::bad_file, "{} holds {} labels; MNIST has {}", labels_path, data.labels.size(), expected);
    }
    const auto wrong = std::ranges::find_if(data.labels, [](std::uint8_t label) { return label > 9; });
    if (wrong != data.labels.end())
        fail(ErrorCode::bad_file, "{} holds the label {}; labels are 0 to 9", labels_path, *wrong);
    return data;
}

void verify_mnist(const std::string& directory) {
    for (const MnistFile& file : mnist_files()) {
        const std::string path = needed_file(directory, file.name);
        const std::string sum = sha256(read_unpacked(path));
        if (sum != file.sha256) {
            fail(ErrorCode::bad_file, "{} is not MNIST's file: the sha256 of its unpacked bytes is {}, not {}", path,
                 sum, file.sha256);
        }
    }
}

}  // namespace pellucid
