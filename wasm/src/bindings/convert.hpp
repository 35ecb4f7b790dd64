/// Between JavaScript's values and the core's. Everything is copied: views die when the memory grows.
#pragma once

#include "pellucid/data/normalise.hpp"
#include "pellucid/methods/method.hpp"

#include <emscripten/val.h>

#include <span>

namespace pellucid::wasm {

using emscripten::val;

/// A Float32Array of its own.
val to_js(std::span<const float> numbers);
/// {data, height, width, channels}, and samples where there are several.
val to_image(const Tensor& tensor);
/// {data, shape}, and back.
val to_plain_tensor(const Tensor& tensor);
Tensor from_plain_tensor(const val& plain);
/// A batch of samples of that shape; as many as the Float32Array holds.
/// Error(bad_shape) that calls the numbers `what` where they do not fill whole samples.
Tensor from_js(const val& numbers, const Shape& sample_shape, const char* what);

val to_js(const Drawing& drawing);
Drawing drawing_from_js(const val& drawing);
val to_js(const NormalisedDrawing& normalised);

/// Changes `params` to the values of a plain object; images are of `input_shape` or batches of it.
void set_params(Params& params, const val& values, const Shape& input_shape);

}  // namespace pellucid::wasm
