#include "pellucid/data/idx.hpp"

#include "pellucid/data/file.hpp"
#include "pellucid/error.hpp"

#include <algorithm>
#include <array>

namespace pellucid {
namespace {

constexpr std::uint8_t unsigned_byte = 0x08;

struct IdxHeader {
    std::array<std::size_t, 3> sizes{};
    std::span<const std::uint8_t> elements;
};

/// Checks magic number, type, axes and that sizes and file agree.
IdxHeader parse_header(std::span<const std::uint8_t> bytes, std::size_t axes, const std::string& name) {
    const std::size_t header_size = 4 + 4 * axes;
    if (bytes.size() < 4) fail(ErrorCode::bad_file, "{} is cut short: {} bytes are no IDX file", name, bytes.size());
    if (bytes[0] != 0 || bytes[1] != 0) {
        fail(ErrorCode::bad_file, "{} is not an IDX file: it begins with {:02x} {:02x}, not 00 00", name, bytes[0],
             bytes[1]);
    }
    if (bytes[2] != unsigned_byte) {
        fail(ErrorCode::bad_file, "{} holds IDX elements of type 0x{:02x}; only unsigned bytes (0x08) are read", name,
             bytes[2]);
    }
    if (bytes[3] != axes) {
        fail(ErrorCode::bad_file, "{} has {} axes; {} have {}", name, bytes[3], axes == 1 ? "labels" : "images", axes);
    }
    if (bytes.size() < header_size) {
        fail(ErrorCode::bad_file, "{} is cut short: its header takes {} bytes, the file has {}", name, header_size,
             bytes.size());
    }

    IdxHeader header;
    header.elements = bytes.subspan(header_size);
    // Products are compared by division, so that sizes made up by a damaged header cannot overflow.
    std::size_t left = header.elements.size();
    bool fits = true;
    for (std::size_t axis = 0; axis < axes; ++axis) {
        const std::uint8_t* b = bytes.data() + 4 + 4 * axis;
        const std::size_t size =
            (std::size_t{b[0]} << 24U) | (std::size_t{b[1]} << 16U) | (std::size_t{b[2]} << 8U) | b[3];
        if (size == 0) fail(ErrorCode::bad_file, "{} holds nothing: the size of its axis {} is 0", name, axis);
        header.sizes[axis] = size;
        fits = fits && size <= left;
        left /= size;
    }
    std::size_t expected = 1;
    for (std::size_t axis = 0; fits && axis < axes; ++axis) expected *= header.sizes[axis];
    if (!fits || expected > header.elements.size()) {
        fail(ErrorCode::bad_file, "{} is cut short: its header promises {} × {} × {} elements, {} are there", name,
             header.sizes[0], std::max<std::size_t>(header.sizes[1], 1), std::max<std::size_t>(header.sizes[2], 1),
             header.elements.size());
    }
    if (expected < header.elements.size()) {
        fail(ErrorCode::bad_file, "{} is longer than its header says: {} elements, not {}", name,
             header.elements.size(), expected);
    }
    return header;
}

void convert(std::span<const std::uint8_t> bytes, float* out) {
    // A table, because byte / 255 must be the correctly rounded quotient everywhere and division is slow.
    static const auto table = [] {
        std::array<float, 256> values{};
        for (std::size_t v = 0; v < values.size(); ++v) values[v] = static_cast<float>(v) / 255.0F;
        return values;
    }();
    std::transform(bytes.begin(), bytes.end(), out, [](std::uint8_t byte) { return table[byte]; });
}

}  // namespace

std::span<const std::uint8_t> ByteImages::image(std::size_t index) const {
    if (index >= count)
        fail(ErrorCode::bad_argument, "there is no image {}: the file holds {}, counted from 0", index, count);
    return std::span(pixels).subspan(index * rows * columns, rows * columns);
}

bool is_idx(std::span<const std::uint8_t> bytes) noexcept {
    return bytes.size() >= 4 && bytes[0] == 0 && bytes[1] == 0 && bytes[2] == unsigned_byte && bytes[3] >= 1 &&
           bytes[3] <= 4;
}

ByteImages parse_idx_images(std::span<const std::uint8_t> bytes, const std::string& name) {
    const IdxHeader header = parse_header(bytes, 3, name);
    return {header.sizes[0], header.sizes[1], header.sizes[2], {header.elements.begin(), header.elements.end()}};
}

std::vector<std::uint8_t> parse_idx_labels(std::span<const std::uint8_t> bytes, const std::string& name) {
    const IdxHeader header = parse_header(bytes, 1, name);
    return {header.elements.begin(), header.elements.end()};
}

ByteImages read_idx_images(const std::string& path) { return parse_idx_images(read_unpacked(path), path); }

std::vector<std::uint8_t> read_idx_labels(const std::string& path) {
    return parse_idx_labels(read_unpacked(path), path);
}

Tensor to_tensor(const ByteImages& images) { return to_tensor(images, 0, images.count); }

Tensor to_tensor(const ByteImages& images, std::size_t first, std::size_t count) {
    if (first > images.count || count > images.count - first) {
        fail(ErrorCode::bad_argument, "images {} to {} were asked of {}", first, first + count, images.count);
    }
    Tensor tensor(Shape{count, images.rows, images.columns, 1});
    const std::size_t size = images.rows * images.columns;
    convert(std::span(images.pixels).subspan(first * size, count * size), tensor.data());
    return tensor;
}

Tensor to_tensor(const ByteImages& images, std::span<const std::size_t> indices) {
    Tensor tensor(Shape{indices.size(), images.rows, images.columns, 1});
    for (std::size_t n = 0; n < indices.size(); ++n) convert(images.image(indices[n]), sample(tensor, n).data());
    return tensor;
}

}  // namespace pellucid
