/// Files that are named .onnx, or handed over as such, and are something else.
#pragma once

#include <cstddef>
#include <span>

namespace pellucid::onnx {

/// Throws Error(bad_file) that says what the bytes really are and how to get an ONNX file, where their beginning tells.
void refuse_other_formats(std::span<const std::byte> file);

}  // namespace pellucid::onnx
