#include "pellucid/nn/onnx/foreign.hpp"

#include "pellucid/error.hpp"

#include <algorithm>
#include <string_view>

namespace pellucid::onnx {
namespace {

using namespace std::string_view_literals;

/// Bytes by which a format is known, and where they stand.
struct Signature {
    std::size_t at;
    std::string_view bytes;
    const char* what;
    const char* remedy;
};

constexpr const char* export_from_pytorch =
    "load it in PyTorch and write it with torch.onnx.export(model, (example,), 'model.onnx')";
constexpr const char* convert_from_tensorflow = "convert it with tf2onnx";

constexpr Signature signatures[] = {
    {0, "version https://git-lfs"sv, "a Git LFS pointer, which only stands for the file",
     "fetch the file itself with 'git lfs pull', or by the site's download link"},
    {0, "PK\x03\x04"sv, "a zip archive (PyTorch's .pt and Keras's .keras are zip archives, too)",
     "unpack it; or load the model where it was made and export it as ONNX"},
    {0, "\x1f\x8b"sv, "a gzip file", "unpack it with gunzip"},
    {0, "\x28\xb5\x2f\xfd"sv, "a zstd file", "unpack it with 'zstd -d'"},
    {0,
     "\xfd"
     "7zXZ"sv,
     "an xz file", "unpack it with unxz"},
    {0, "BZh"sv, "a bzip2 file", "unpack it with bunzip2"},
    {257, "ustar"sv, "a tar archive", "unpack it with tar"},
    {0, "\x89HDF\r\n"sv, "an HDF5 file, as Keras writes .h5", convert_from_tensorflow},
    {4, "TFL3"sv, "a TensorFlow Lite model", convert_from_tensorflow},
    {4, "ORTM"sv, "a model in onnxruntime's own format", "take the .onnx file that it was made from"},
    {0, "\x80\x02"sv, "a Python pickle, as old versions of PyTorch write", export_from_pytorch},
    {0, "\x80\x03"sv, "a Python pickle", export_from_pytorch},
    {0, "\x80\x04"sv, "a Python pickle, as joblib and scikit-learn write", "convert it with skl2onnx"},
    {8, "{\""sv, "a safetensors file, which holds weights and no network", export_from_pytorch},
    {0, "\x93NUMPY"sv, "a NumPy array", "give it as the input, and an ONNX file as the model"},
    {0, "\x89PNG"sv, "a PNG picture", "give it as the input, and an ONNX file as the model"},
};

/// The beginning of a text without its leading white space, in small letters.
std::string beginning(std::string_view text) {
    text.remove_prefix(std::min(text.find_first_not_of(" \t\r\n\xef\xbb\xbf"), text.size()));
    std::string lower(text.substr(0, 64));
    std::ranges::transform(lower, lower.begin(),
                           [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 'a' - 'A') : c; });
    return lower;
}

}  // namespace

void refuse_other_formats(std::span<const std::byte> file) {
    if (file.empty()) fail(ErrorCode::bad_file, "not an ONNX file: it is empty");
    const std::string_view text(reinterpret_cast<const char*>(file.data()), file.size());
    for (const auto& [at, bytes, what, remedy] : signatures) {
        if (text.size() > at && text.substr(at).starts_with(bytes))
            fail(ErrorCode::bad_file, "not an ONNX file but {}: {}", what, remedy);
    }
    const std::string start = beginning(text);
    if (start.starts_with("<!doctype") || start.starts_with("<html") || start.starts_with("<head")) {
        fail(ErrorCode::bad_file,
             "not an ONNX file but an HTML page: the address leads to a page about the file, or to an error page; take "
             "the one behind its download link");
    }
    if (start.starts_with("<?xml")) {
        fail(ErrorCode::bad_file,
             "not an ONNX file but an XML text (an error message of a server, or an OpenVINO model)");
    }
    if (start.starts_with("{") && start.find('"') != std::string::npos) {
        fail(ErrorCode::bad_file,
             "not an ONNX file but a JSON text (an error message of a server, or a description of a model)");
    }
}

}  // namespace pellucid::onnx
