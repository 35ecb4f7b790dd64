#include "pellucid/data/picture.hpp"

#ifndef __EMSCRIPTEN__

#include "pellucid/error.hpp"

#define STB_IMAGE_IMPLEMENTATION
#define STB_IMAGE_STATIC
#define STBI_ONLY_PNG
#define STBI_NO_STDIO
#define STBI_MAX_DIMENSIONS 16384
#include <stb/stb_image.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <new>
#include <string_view>
#include <vector>

namespace pellucid {

namespace {

constexpr std::string_view png_signature("\x89PNG\r\n\x1a\n", 8);
constexpr std::size_t most_png_pixels = std::size_t{1} << 26U;

std::size_t big_endian(std::span<const std::uint8_t> bytes, std::size_t at) {
    return std::size_t{bytes[at]} << 24U | std::size_t{bytes[at + 1]} << 16U | std::size_t{bytes[at + 2]} << 8U |
           bytes[at + 3];
}

/// The file's chunks as stb can take them. It makes room for as many bytes as a chunk claims before it looks whether
/// they are there: Error(bad_file) where they are not. Data chunks (IDAT) of no bytes, which the format allows, it
/// copies to where no memory is: they are left out. What lies behind the last chunk (IEND) is left out, too.
std::vector<std::uint8_t> sound_chunks(std::span<const std::uint8_t> bytes, const std::string& name) {
    constexpr std::size_t around = 12;  // length, type and checksum of a chunk
    std::vector<std::uint8_t> kept(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(png_signature.size()));
    bytes = bytes.subspan(png_signature.size());
    while (bytes.size() >= around) {
        const std::size_t length = big_endian(bytes, 0);
        if (length > bytes.size() - around) {
            fail(ErrorCode::bad_file, "{} is cut short: a chunk of its PNG data takes {} bytes, {} are left", name,
                 length, bytes.size() - around);
        }
        const auto is = [&](std::string_view type) { return std::equal(type.begin(), type.end(), bytes.begin() + 4); };
        const std::span<const std::uint8_t> chunk = bytes.first(length == 0 && is("IDAT") ? 0 : length + around);
        kept.insert(kept.end(), chunk.begin(), chunk.end());
        if (is("IEND")) break;
        bytes = bytes.subspan(length + around);
    }
    return kept;
}

}  // namespace

Picture::Picture(std::span<const std::uint8_t> bytes, const std::string& name) : values_(nullptr, stbi_image_free) {
    if (bytes.size() > static_cast<std::size_t>(std::numeric_limits<int>::max()))
        fail(ErrorCode::bad_file, "{} is too large", name);
    constexpr std::size_t header = 24;  // up to width and height
    const bool begins =
        std::equal(bytes.begin(), bytes.begin() + std::min(bytes.size(), png_signature.size()), png_signature.begin(),
                   [](std::uint8_t a, char b) { return a == static_cast<std::uint8_t>(b); });
    if (!begins || bytes.empty()) fail(ErrorCode::bad_file, "{} is no PNG: it does not begin as one", name);
    if (bytes.size() < header) fail(ErrorCode::bad_file, "{} is cut short: {} bytes are no PNG", name, bytes.size());
    if (big_endian(bytes, 16) * big_endian(bytes, 20) > most_png_pixels) {
        fail(ErrorCode::bad_file, "{} has {}×{} pixels; up to {} are read", name, big_endian(bytes, 16),
             big_endian(bytes, 20), most_png_pixels);
    }
    const std::vector<std::uint8_t> file = sound_chunks(bytes, name);

    const int size = static_cast<int>(file.size());
    int width = 0, height = 0, stored = 0;
    wide_ = stbi_is_16_bit_from_memory(file.data(), size) != 0;
    if (wide_) {
        values_.reset(stbi_load_16_from_memory(file.data(), size, &width, &height, &stored, 4));
    } else {
        values_.reset(stbi_load_from_memory(file.data(), size, &width, &height, &stored, 4));
    }
    if (!values_ && std::string_view(stbi_failure_reason()) == "outofmem") throw std::bad_alloc();
    if (!values_) fail(ErrorCode::bad_file, "{} cannot be read as PNG: {}", name, stbi_failure_reason());
    height_ = static_cast<std::size_t>(height);
    width_ = static_cast<std::size_t>(width);
}

float Picture::at(std::size_t i) const {
    if (wide_) return static_cast<float>(static_cast<const stbi_us*>(values_.get())[i]) / 65535.0F;
    return static_cast<float>(static_cast<const stbi_uc*>(values_.get())[i]) / 255.0F;
}

float Picture::luma(std::size_t p) const {
    const float r = red(p), g = green(p), b = blue(p);
    return r == g && g == b ? r : 0.299F * r + 0.587F * g + 0.114F * b;
}

bool Picture::has_colour() const {
    for (std::size_t p = 0; p < pixels(); ++p) {
        if (alpha(p) > 0 && (red(p) != green(p) || green(p) != blue(p))) return true;
    }
    return false;
}

bool Picture::has_transparency() const {
    for (std::size_t p = 1; p < pixels(); ++p) {
        if (alpha(p) != alpha(0)) return true;
    }
    return false;
}

float ground_of(const Picture& picture) {
    constexpr float near_end = 0.1F, stands_out = 0.3F;
    constexpr double least_content = 0.01;
    float most_opaque = 0;
    for (std::size_t p = 0; p < picture.pixels(); ++p) most_opaque = std::max(most_opaque, picture.alpha(p));
    double opaque = 0, bright = 0, dark = 0, on_white = 0, on_black = 0, sum = 0;
    for (std::size_t p = 0; p < picture.pixels(); ++p) {
        // Edges are half transparent, and their colours not to be relied on.
        if (picture.alpha(p) < 0.5F * most_opaque) continue;
        const float luma = picture.luma(p);
        opaque += 1;
        sum += static_cast<double>(luma);
        bright += luma > 1 - near_end ? 1 : 0;
        dark += luma < near_end ? 1 : 0;
        on_white += luma < 1 - near_end - stands_out ? 1 : 0;
        on_black += luma > near_end + stands_out ? 1 : 0;
    }
    if (2 * bright > opaque && on_white >= least_content * opaque) return 1.0F;
    if (2 * dark > opaque && on_black >= least_content * opaque) return 0.0F;
    return 2 * sum > opaque ? 0.0F : 1.0F;
}

Tensor laid_over(const Picture& picture, float ground, std::size_t channels) {
    if (channels != 1 && channels != 3)
        fail(ErrorCode::bad_argument, "a PNG is read with 1 or 3 channels, not {}", channels);
    const bool opaque = !picture.has_transparency();
    Tensor image(Shape{1, picture.height(), picture.width(), channels});
    for (std::size_t p = 0; p < picture.pixels(); ++p) {
        const float alpha = opaque ? 1.0F : picture.alpha(p);
        const auto laid = [&](float value) { return value * alpha + ground * (1.0F - alpha); };
        float* out = image.data() + p * channels;
        if (channels == 1) {
            out[0] = laid(picture.luma(p));
        } else {
            out[0] = laid(picture.red(p));
            out[1] = laid(picture.green(p));
            out[2] = laid(picture.blue(p));
        }
    }
    return image;
}

}  // namespace pellucid

#endif
