/// Maps and images as pictures for people.
#pragma once

#include "pellucid/methods/card.hpp"
#include "pellucid/tensor.hpp"

#include <cstddef>
#include <string>

namespace pellucid::cli {

/// Writes sample `n` as a PNG, every pixel `zoom` × `zoom`: signed and positive maps red (for) – white – blue
/// (against), symmetric around 0 and scaled to the sample's largest magnitude; images as ink on white paper.
/// Maps of several channels are summed over them.
void write_picture(const std::string& path, const Tensor& tensor, std::size_t n, MapKind kind, std::size_t zoom = 10);

}  // namespace pellucid::cli
