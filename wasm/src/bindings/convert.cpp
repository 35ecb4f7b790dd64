#include "convert.hpp"

#include "pellucid/error.hpp"

#include <emscripten/bind.h>

namespace pellucid::wasm {

val to_js(std::span<const float> numbers) {
    return val(emscripten::typed_memory_view(numbers.size(), numbers.data())).call<val>("slice");
}

namespace {

/// Copies a Float32Array into memory of the core.
void copy_in(const val& numbers, std::span<float> to) {
    val(emscripten::typed_memory_view(to.size(), to.data())).call<void>("set", numbers);
}

}  // namespace

val to_image(const Tensor& tensor) {
    val image = val::object();
    image.set("data", to_js(elements(tensor)));
    image.set("height", tensor.shape()[1]);
    image.set("width", tensor.shape()[2]);
    image.set("channels", tensor.shape()[3]);
    if (tensor.shape()[0] != 1) image.set("samples", tensor.shape()[0]);
    return image;
}

val to_plain_tensor(const Tensor& tensor) {
    val shape = val::array();
    for (const std::size_t extent : tensor.shape()) shape.call<void>("push", extent);
    val plain = val::object();
    plain.set("data", to_js(elements(tensor)));
    plain.set("shape", shape);
    return plain;
}

Tensor from_plain_tensor(const val& plain) {
    Shape shape{};
    for (std::size_t axis = 0; axis < shape.size(); ++axis) shape[axis] = plain["shape"][axis].as<std::size_t>();
    Tensor tensor(shape);
    copy_in(plain["data"], elements(tensor));
    return tensor;
}

Tensor from_js(const val& numbers, const Shape& sample_shape, const char* what) {
    const auto length = numbers["length"].as<std::size_t>();
    const std::size_t size = sample_size(sample_shape);
    if (length == 0 || length % size != 0) {
        fail(ErrorCode::bad_shape, "{} has {} numbers; it must have {} ({} rows, {} columns, {} channels)", what,
             length, size, sample_shape[1], sample_shape[2], sample_shape[3]);
    }
    Tensor tensor(with_batch(sample_shape, length / size));
    copy_in(numbers, elements(tensor));
    return tensor;
}

val to_js(const Drawing& drawing) {
    val strokes = val::array();
    for (const Stroke& stroke : drawing.strokes) {
        std::vector<float> points;
        for (const Point& point : stroke.points) points.insert(points.end(), {point.x, point.y, point.t_ms});
        val plain = val::object();
        plain.set("points", to_js(points));
        plain.set("width", stroke.width);
        plain.set("eraser", stroke.eraser);
        strokes.call<void>("push", plain);
    }
    val plain = val::object();
    plain.set("width", drawing.width);
    plain.set("height", drawing.height);
    plain.set("strokes", strokes);
    return plain;
}

Drawing drawing_from_js(const val& plain) {
    Drawing drawing{plain["width"].as<float>(), plain["height"].as<float>(), {}};
    const val strokes = plain["strokes"];
    const auto count = strokes["length"].as<std::size_t>();
    for (std::size_t i = 0; i < count; ++i) {
        const val from = strokes[i];
        const val points = from["points"];
        std::vector<float> numbers(points["length"].as<std::size_t>());
        copy_in(points, numbers);
        Stroke stroke{{}, from["width"].as<float>(), from["eraser"].isTrue()};
        for (std::size_t p = 0; p + 2 < numbers.size(); p += 3) {
            stroke.points.push_back({numbers[p], numbers[p + 1], numbers[p + 2]});
        }
        drawing.strokes.push_back(std::move(stroke));
    }
    return drawing;
}

val to_js(const NormalisedDrawing& normalised) {
    val plain = val::object();
    plain.set("raster", to_image(normalised.raster));
    plain.set("scaled", to_image(normalised.scaled));
    plain.set("input", to_image(normalised.image));
    plain.set("scale", normalised.scale);
    plain.set("offsetX", normalised.offset_x);
    plain.set("offsetY", normalised.offset_y);
    return plain;
}

}  // namespace pellucid::wasm
