#include "pellucid/data/png.hpp"

#ifndef __EMSCRIPTEN__

#include "pellucid/data/file.hpp"
#include "pellucid/data/picture.hpp"
#include "pellucid/error.hpp"

#include <zlib.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string_view>

namespace pellucid {

Tensor parse_png(std::span<const std::uint8_t> bytes, std::size_t channels, const std::string& name) {
    return laid_over(Picture(bytes, name), 1.0F, channels);
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
