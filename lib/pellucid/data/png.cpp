#include "pellucid/data/png.hpp"

#ifndef __EMSCRIPTEN__

#include "pellucid/data/file.hpp"
#include "pellucid/error.hpp"

#define STB_IMAGE_IMPLEMENTATION
#define STB_IMAGE_STATIC
#define STBI_ONLY_PNG
#define STBI_NO_STDIO
#define STBI_MAX_DIMENSIONS 16384
#include <stb/stb_image.h>

#define STB_IMAGE_WRITE_IMPLEMENTATION
#define STB_IMAGE_WRITE_STATIC
#define STBI_WRITE_NO_STDIO
#include <stb/stb_image_write.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <numeric>

namespace pellucid {

Tensor parse_png(std::span<const std::uint8_t> bytes, std::size_t channels, const std::string& name) {
    if (channels != 1 && channels != 3)
        fail(ErrorCode::bad_argument, "a PNG is read with 1 or 3 channels, not {}", channels);
    if (bytes.size() > static_cast<std::size_t>(std::numeric_limits<int>::max()))
        fail(ErrorCode::bad_file, "{} is too large", name);

    int width = 0;
    int height = 0;
    int stored = 0;
    // Asked for with alpha, so that transparency can be laid over paper instead of being dropped.
    const int wanted = static_cast<int>(channels) + 1;
    const std::unique_ptr<stbi_uc, void (*)(void*)> pixels(
        stbi_load_from_memory(bytes.data(), static_cast<int>(bytes.size()), &width, &height, &stored, wanted),
        stbi_image_free);
    if (!pixels) fail(ErrorCode::bad_file, "{} cannot be read as PNG: {}", name, stbi_failure_reason());

    Tensor image(Shape{1, static_cast<std::size_t>(height), static_cast<std::size_t>(width), channels});
    const stbi_uc* in = pixels.get();
    float* out = image.data();
    for (std::size_t i = 0; i < image.size() / channels; ++i, in += wanted, out += channels) {
        const float alpha = static_cast<float>(in[channels]) / 255.0F;
        for (std::size_t c = 0; c < channels; ++c) out[c] = static_cast<float>(in[c]) / 255.0F * alpha + (1.0F - alpha);
    }
    return image;
}

Tensor read_png(const std::string& path, std::size_t channels) { return parse_png(read_file(path), channels, path); }

bool to_ink(Tensor& grey) {
    const std::span<float> values = elements(grey);
    const double mean = std::accumulate(values.begin(), values.end(), 0.0) /
                        static_cast<double>(std::max<std::size_t>(values.size(), 1));
    if (mean <= 0.5) return false;
    for (float& value : values) value = 1.0F - value;
    return true;
}

std::vector<std::uint8_t> encode_png(const Tensor& image, std::size_t index) {
    const auto& s = image.shape();
    if ((s[3] != 1 && s[3] != 3) || index >= s[0] || image.size() == 0) {
        fail(ErrorCode::bad_shape, "sample {} of {} cannot be a PNG: 1 (grey) or 3 (RGB) channels are written", index,
             to_string(Shape{s[0], s[1], s[2], s[3]}));
    }
    std::vector<std::uint8_t> pixels;
    pixels.reserve(sample_size(image));
    for (const float value : sample(image, index)) {
        // Written so that NaN fails the comparison and becomes 0.
        const float clamped = value > 0.0F ? std::min(value, 1.0F) : 0.0F;
        pixels.push_back(static_cast<std::uint8_t>(std::lround(clamped * 255.0F)));
    }
    std::vector<std::uint8_t> bytes;
    const auto append = [](void* target, void* data, int size) {
        const auto* first = static_cast<const std::uint8_t*>(data);
        static_cast<std::vector<std::uint8_t>*>(target)->insert(static_cast<std::vector<std::uint8_t>*>(target)->end(),
                                                                first, first + size);
    };
    const int columns = static_cast<int>(s[2]);
    const int channels = static_cast<int>(s[3]);
    if (stbi_write_png_to_func(append, &bytes, columns, static_cast<int>(s[1]), channels, pixels.data(),
                               columns * channels) == 0) {
        fail(ErrorCode::internal, "the PNG could not be encoded");
    }
    return bytes;
}

void write_png(const std::string& path, const Tensor& image, std::size_t index) {
    write_file(path, encode_png(image, index));
}

}  // namespace pellucid

#endif
