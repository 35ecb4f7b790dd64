#include "patterns_file.hpp"

#include "pellucid/error.hpp"
#include "pellucid/nn/onnx.hpp"

#include <filesystem>

namespace pellucid::cli {

std::string patterns_beside(const std::string& model) {
    return std::filesystem::path(model).replace_extension(".patterns.onnx").string();
}

void load_patterns(Explainer& explainer, const std::string& model, const std::string& file) {
    const std::string path = file.empty() ? patterns_beside(model) : file;
    std::error_code unknown;
    if (file.empty() && !std::filesystem::exists(path, unknown)) return;
    Network patterns = load_onnx(path);
    try {
        explainer.set_patterns(std::move(patterns));
    } catch (const Error& error) {
        fail(error.code(), "{}: {}", path, error.what());
    }
}

}  // namespace pellucid::cli
