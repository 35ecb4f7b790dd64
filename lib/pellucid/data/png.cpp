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

#include <zlib.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <new>
#include <numeric>
#include <string_view>

namespace pellucid {

namespace {

constexpr std::string_view png_signature("\x89PNG\r\n\x1a\n", 8);
constexpr std::size_t most_png_pixels = std::size_t{1} << 26U;

std::size_t big_endian(std::span<const std::uint8_t> bytes, std::size_t at) {
    return std::size_t{bytes[at]} << 24U | std::size_t{bytes[at + 1]} << 16U | std::size_t{bytes[at + 2]} << 8U |
           bytes[at + 3];
}

/// The file's chunks as stb can take them. It makes room for as many bytes as a chunk claims before it looks whether they
/// are there: Error(bad_file) where they are not. Data chunks (IDAT) of no bytes, which the format allows, it copies to
/// where no memory is: they are left out. What lies behind the last chunk (IEND) is left out, too.
std::vector<std::uint8_t> sound_chunks(std::span<const std::uint8_t> bytes, const std::string& name) {
    constexpr std::size_t around = 12;  // length, type and checksum of a chunk
    std::vector<std::uint8_t> kept(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(png_signature.size()));
    bytes = bytes.subspan(png_signature.size());
    while (bytes.size() >= around) {
        const std::size_t length = big_endian(bytes, 0);
        if (length > bytes.size() - around) {
            fail(ErrorCode::bad_file, "{} is cut short: a chunk of its PNG data takes {} bytes, {} are left", name, length,
                 bytes.size() - around);
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

Tensor parse_png(std::span<const std::uint8_t> bytes, std::size_t channels, const std::string& name) {
    if (channels != 1 && channels != 3)
        fail(ErrorCode::bad_argument, "a PNG is read with 1 or 3 channels, not {}", channels);
    if (bytes.size() > static_cast<std::size_t>(std::numeric_limits<int>::max()))
        fail(ErrorCode::bad_file, "{} is too large", name);
    constexpr std::size_t header = 24;  // up to width and height
    const bool begins = std::equal(bytes.begin(), bytes.begin() + std::min(bytes.size(), png_signature.size()),
                                   png_signature.begin(),
                                   [](std::uint8_t a, char b) { return a == static_cast<std::uint8_t>(b); });
    if (!begins || bytes.empty()) fail(ErrorCode::bad_file, "{} is no PNG: it does not begin as one", name);
    if (bytes.size() < header) fail(ErrorCode::bad_file, "{} is cut short: {} bytes are no PNG", name, bytes.size());
    if (big_endian(bytes, 16) * big_endian(bytes, 20) > most_png_pixels) {
        fail(ErrorCode::bad_file, "{} has {}×{} pixels; up to {} are read", name, big_endian(bytes, 16),
             big_endian(bytes, 20), most_png_pixels);
    }
    const std::vector<std::uint8_t> file = sound_chunks(bytes, name);

    int width = 0;
    int height = 0;
    int stored = 0;
    // Asked for with alpha, so that transparency can be laid over paper instead of being dropped.
    const int wanted = static_cast<int>(channels) + 1;
    const std::unique_ptr<stbi_uc, void (*)(void*)> pixels(
        stbi_load_from_memory(file.data(), static_cast<int>(file.size()), &width, &height, &stored, wanted),
        stbi_image_free);
    if (!pixels && std::string_view(stbi_failure_reason()) == "outofmem") throw std::bad_alloc();
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

namespace {

void append_number(std::vector<std::uint8_t>& to, std::size_t value) {
    for (const unsigned shift : {24U, 16U, 8U, 0U}) to.push_back(static_cast<std::uint8_t>(value >> shift));
}

/// Length, type, data, and the sum over type and data.
void append_chunk(std::vector<std::uint8_t>& to, std::string_view type, std::span<const std::uint8_t> data) {
    append_number(to, data.size());
    const std::size_t begin = to.size();
    to.insert(to.end(), type.begin(), type.end());
    to.insert(to.end(), data.begin(), data.end());
    append_number(to, crc32(0, to.data() + begin, static_cast<uInt>(to.size() - begin)));
}

}  // namespace

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
    const std::size_t stride = s[2] * s[3];
    std::vector<std::uint8_t> rows;
    rows.reserve(s[1] * (stride + 1));
    for (std::size_t y = 0; y < s[1]; ++y) {
        rows.push_back(2);  // "up": what is enlarged repeats its rows, and packs to almost nothing as differences
        for (std::size_t i = y * stride; i < (y + 1) * stride; ++i)
            rows.push_back(static_cast<std::uint8_t>(pixels[i] - (y == 0 ? 0 : pixels[i - stride])));
    }
    uLongf size = compressBound(rows.size());
    std::vector<std::uint8_t> packed(size);
    const int status = compress2(packed.data(), &size, rows.data(), rows.size(), 6);
    if (status == Z_MEM_ERROR) throw std::bad_alloc();
    if (status != Z_OK) fail(ErrorCode::internal, "the PNG could not be encoded");

    std::vector<std::uint8_t> bytes{0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'};
    std::vector<std::uint8_t> header;
    append_number(header, s[2]);
    append_number(header, s[1]);
    // 8 bits, grey or RGB, and the only compression, filtering and order of rows that everybody reads.
    header.insert(header.end(), {8, static_cast<std::uint8_t>(s[3] == 3 ? 2 : 0), 0, 0, 0});
    append_chunk(bytes, "IHDR", header);
    append_chunk(bytes, "IDAT", {packed.data(), size});
    append_chunk(bytes, "IEND", {});
    return bytes;
}

void write_png(const std::string& path, const Tensor& image, std::size_t index) {
    write_file(path, encode_png(image, index));
}

}  // namespace pellucid

#endif
