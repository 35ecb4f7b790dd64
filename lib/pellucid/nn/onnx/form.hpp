/// How the axes of a value in an ONNX graph stand to ours.
///
/// Ours are always (N, h, w, c), and (N, 1, 1, c) for vectors. ONNX has images as (N, c, h, w), or as (N, h, w, c)
/// around the Transposes of channels-last exports, and vectors as (N, c). A vector that comes from flattening an image
/// holds the same numbers in another order: ONNX goes through (c, h, w), we through (h, w, c). That order stays with
/// the vector until a Dense takes it up into its weights.
#pragma once

#include "pellucid/tensor.hpp"

#include <cstdint>
#include <set>
#include <vector>

namespace pellucid::onnx {

enum class Axes : std::uint8_t { nchw, nhwc, vector };

struct Form {
    Axes axes = Axes::nchw;
    /// Of a vector: the image (1, h, w, c) that ONNX flattened channel by channel; all 0 where both orders agree.
    Shape flattened{};

    bool is_reordered() const { return flattened != Shape{}; }
    bool operator==(const Form&) const = default;
};

/// Which of an image's axes are rows and columns.
inline std::set<std::int64_t> spatial_axes(const Form& form) {
    return form.axes == Axes::nhwc ? std::set<std::int64_t>{1, 2} : std::set<std::int64_t>{2, 3};
}

/// The form behind a flattening of an image of that form and shape.
Form flattened(const Form& form, const Shape& shape);

/// result[place in ONNX's order] = place in ours; `flattened` is not all 0.
std::vector<std::size_t> our_places(const Shape& flattened);

}  // namespace pellucid::onnx
