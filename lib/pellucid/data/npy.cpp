#include "pellucid/data/npy.hpp"

#ifndef __EMSCRIPTEN__

#include "pellucid/data/file.hpp"
#include "pellucid/error.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <string_view>
#include <utility>
#include <vector>

namespace pellucid {
namespace {

/// What the header's Python dictionary says.
struct NpyHeader {
    std::string type;
    bool fortran_order = false;
    std::vector<std::size_t> shape;
    std::span<const std::uint8_t> data;
};

/// The text after 'key': in the dictionary, without leading blanks; empty where the key is missing.
std::string_view value_of(std::string_view dictionary, std::string_view key) {
    const std::size_t at = dictionary.find(fmt::format("'{}'", key));
    if (at == std::string_view::npos) return {};
    const std::size_t start = dictionary.find_first_not_of(" :", at + key.size() + 2);
    return start == std::string_view::npos ? std::string_view{} : dictionary.substr(start);
}

// xtensor's xnpy is not used: it trusts the lengths and the text of the header, and the element type has to be known
// before it reads. A damaged file must end in a sentence, not in a wild read.
NpyHeader parse_header(std::span<const std::uint8_t> bytes, const std::string& name) {
    constexpr std::string_view magic = "\x93NUMPY";
    if (bytes.size() < 10 || std::memcmp(bytes.data(), magic.data(), magic.size()) != 0) {
        fail(ErrorCode::bad_file, "{} is not an .npy file", name);
    }
    const std::size_t version = bytes[6];
    if (version < 1 || version > 3) fail(ErrorCode::bad_file, "{} has .npy version {}; 1 to 3 are read", name, version);
    const std::size_t length_size = version == 1 ? 2 : 4;
    std::size_t length = 0;
    for (std::size_t i = length_size; i-- > 0;) length = (length << 8U) | (8 + i < bytes.size() ? bytes[8 + i] : 0U);
    const std::size_t start = 8 + length_size;
    if (start > bytes.size() || length > bytes.size() - start) {
        fail(ErrorCode::bad_file, "{} is cut short: its .npy header takes {} bytes, the file has {}", name,
             start + length, bytes.size());
    }
    const std::string_view dictionary(reinterpret_cast<const char*>(bytes.data() + start), length);

    NpyHeader header;
    header.data = bytes.subspan(start + length);
    const std::string_view type = value_of(dictionary, "descr");
    const std::string_view order = value_of(dictionary, "fortran_order");
    std::string_view shape = value_of(dictionary, "shape");
    const std::size_t type_end = type.find('\'', 1);
    const std::size_t shape_end = shape.find(')');
    if (!type.starts_with('\'') || type_end == std::string_view::npos || order.empty() || !shape.starts_with('(') ||
        shape_end == std::string_view::npos) {
        fail(ErrorCode::bad_file, "{} has an .npy header that is not understood (a structured type?)", name);
    }
    header.type = type.substr(1, type_end - 1);
    header.fortran_order = order.starts_with("True");
    shape = shape.substr(1, shape_end - 1);
    while (!shape.empty()) {
        std::size_t size = 0;
        const auto [end, error] = std::from_chars(shape.data(), shape.data() + shape.size(), size);
        if (error != std::errc{})
            fail(ErrorCode::bad_file, "{} has the shape ({}), which is not understood", name, shape);
        header.shape.push_back(size);
        shape.remove_prefix(static_cast<std::size_t>(end - shape.data()));
        shape.remove_prefix(std::min(shape.find_first_not_of(", "), shape.size()));
    }
    return header;
}

/// Fails where the data are fewer than the shape needs (compared by division, which does not overflow).
void check_size(const NpyHeader& header, std::size_t bytes, std::size_t element_size, const std::string& name) {
    std::size_t left = bytes / element_size;
    // A shape without axes, (), is that of one number.
    if (left == 0 && header.shape.empty()) fail(ErrorCode::bad_file, "{} is cut short: it holds no number", name);
    for (const std::size_t size : header.shape) {
        if (size == 0) fail(ErrorCode::bad_file, "{} holds an array of no size", name);
        if (size > left) {
            fail(ErrorCode::bad_file, "{} is cut short: {} bytes of data are less than its shape ({}) needs", name,
                 bytes, comma_separated(header.shape));
        }
        left /= size;
    }
}

template <typename T>
float number_at(const std::uint8_t* from) {
    T value;
    std::memcpy(&value, from, sizeof(T));
    return static_cast<float>(value);
}

/// IEEE 754 binary16: 1 bit of sign, 5 of exponent, 10 of fraction.
float half_at(const std::uint8_t* from) {
    const unsigned bits = from[0] | static_cast<unsigned>(from[1]) << 8U;
    const int exponent = static_cast<int>(bits >> 10U & 31U);
    const auto fraction = static_cast<float>(bits & 1023U);
    float value = exponent == 0 ? std::ldexp(fraction, -24) : std::ldexp(1024.0F + fraction, exponent - 25);
    if (exponent == 31) value = fraction == 0 ? HUGE_VALF : NAN;
    return (bits & 0x8000U) != 0 ? -value : value;
}

using Numbers = NpyArray::Numbers;

struct Type {
    std::string_view name;
    std::string_view spoken;
    std::size_t size;
    float (*at)(const std::uint8_t*);
    Numbers numbers = Numbers::integer;
};

const Type* find_type(std::string_view name) {
    static constexpr Type types[] = {
        {"<f2", "float16", 2, half_at, Numbers::floating},
        {"<f4", "float32", 4, number_at<float>, Numbers::floating},
        {"<f8", "float64", 8, number_at<double>, Numbers::floating},
        {"|b1", "bool", 1, number_at<std::uint8_t>, Numbers::boolean},
        {"|u1", "uint8", 1, number_at<std::uint8_t>},
        {"|i1", "int8", 1, number_at<std::int8_t>},
        {"<u2", "uint16", 2, number_at<std::uint16_t>},
        {"<i2", "int16", 2, number_at<std::int16_t>},
        {"<u4", "uint32", 4, number_at<std::uint32_t>},
        {"<i4", "int32", 4, number_at<std::int32_t>},
        {"<u8", "uint64", 8, number_at<std::uint64_t>},
        {"<i8", "int64", 8, number_at<std::int64_t>},
    };
    for (const Type& type : types) {
        if (type.name == name) return &type;
    }
    return nullptr;
}

/// How the elements of a header's array are stored, checked against the `bytes` of data that there are.
const Type& understand(const NpyHeader& header, std::size_t bytes, const std::string& name) {
    const Type* type = find_type(header.type);
    if (type == nullptr) {
        fail(ErrorCode::bad_file,
             "{} has the dtype '{}'; float16, float32, float64, bool and integers of this machine's byte order are "
             "read: save it with .astype('float32')",
             name, header.type);
    }
    if (header.fortran_order) {
        fail(ErrorCode::bad_file, "{} is in Fortran order; C order is read: save numpy.ascontiguousarray(…)", name);
    }
    check_size(header, bytes, type->size, name);
    return *type;
}

/// (N, H, W, C) of an array of two to four axes.
Shape images_shape(const std::vector<std::size_t>& s, const std::string& name) {
    if (s.size() < 2 || s.size() > 4) {
        fail(ErrorCode::bad_file, "{} has rank {}, shape ({}); (H, W), (N, H, W) or (N, H, W, C) is read", name,
             s.size(), comma_separated(s));
    }
    if (s.size() == 2) return {1, s[0], s[1], 1};
    return s.size() == 3 ? Shape{s[0], s[1], s[2], 1} : Shape{s[0], s[1], s[2], s[3]};
}

void read_elements(const Type& type, const std::uint8_t* from, std::span<float> to) {
    for (std::size_t i = 0; i < to.size(); ++i) to[i] = type.at(from + i * type.size);
}

/// The header of a float32 file: padded so that the numbers begin at a multiple of 64, as NumPy does, and the same
/// length for fewer images, so that it can be written again when it is known how many came: 128 bytes but for sizes
/// that no memory holds.
Bytes npy_header(const Shape& s, int rank) {
    const std::string axes = rank == 2   ? fmt::format("{}, {}", s[1], s[2])
                             : rank == 3 ? fmt::format("{}, {}, {}", s[0], s[1], s[2])
                                         : fmt::format("{}, {}, {}, {}", s[0], s[1], s[2], s[3]);
    std::string text = fmt::format("{{'descr': '<f4', 'fortran_order': False, 'shape': ({}), }}", axes);
    constexpr std::size_t before = 10;  // magic, version 1.0, length of the text
    const std::size_t size = std::max<std::size_t>(128, (before + text.size() + 1 + 63) / 64 * 64);
    text.resize(size - before - 1, ' ');
    text += '\n';
    const std::string header = fmt::format("\x93NUMPY\x01{}{}{}{}", '\0', static_cast<char>(text.size() & 0xFFU),
                                           static_cast<char>(text.size() >> 8U), text);
    return {header.begin(), header.end()};
}

}  // namespace

NpyArray parse_npy_array(std::span<const std::uint8_t> bytes, const std::string& name) {
    const NpyHeader header = parse_header(bytes, name);
    const Type& type = understand(header, header.data.size(), name);
    NpyArray array{header.shape, {}, type.numbers, std::string(type.spoken)};
    std::size_t count = 1;
    for (const std::size_t size : header.shape) count *= size;
    array.values.resize(count);
    read_elements(type, header.data.data(), array.values);
    return array;
}

void grey_to_share(NpyArray& array, const std::string& name) {
    if (array.numbers == Numbers::floating || array.values.empty()) return;
    if (array.numbers == Numbers::boolean) {
        for (float& value : array.values) value = value == 0.0F ? 0.0F : 1.0F;
        return;
    }
    const auto [least, greatest] = std::minmax_element(array.values.begin(), array.values.end());
    if (*least < 0.0F || *greatest > 255.0F) {
        fail(
            ErrorCode::bad_file,
            "{} holds {} numbers from {} to {}; integers are read as grey values 0 … 255: scale them yourself and save "
            "them with .astype('float32')",
            name, array.type, *least, *greatest);
    }
    if (*greatest == 1.0F) {
        fail(ErrorCode::bad_file,
             "{} holds {} numbers 0 and 1 alone; as grey values 0 … 255 they would all be as good as black: save them "
             "with .astype(bool) or .astype('float32')",
             name, array.type);
    }
    for (float& value : array.values) value /= 255.0F;
}

Images parse_npy(std::span<const std::uint8_t> bytes, const std::string& name) {
    NpyArray array = parse_npy_array(bytes, name);
    const Shape shape = images_shape(array.shape, name);
    grey_to_share(array, name);
    Images images{Tensor(shape), static_cast<int>(array.shape.size())};
    std::copy(array.values.begin(), array.values.end(), images.pixels.data());
    return images;
}

Images read_npy(const std::string& path) { return parse_npy(read_file(path), path); }

std::optional<NpyFile> NpyFile::open(const std::string& path) {
    constexpr std::size_t longest_header = std::size_t{1} << 16U;
    std::error_code unknown;
    if (!std::filesystem::is_regular_file(path, unknown)) return std::nullopt;
    const std::uintmax_t size = std::filesystem::file_size(path, unknown);
    if (unknown || size > most_file_bytes) return std::nullopt;  // the sentence is read_file's
    const Bytes head = read_range(path, 0, std::min<std::size_t>(size, longest_header));
    if (head.size() < 6 || std::memcmp(head.data(), "\x93NUMPY", 6) != 0) return std::nullopt;
    const NpyHeader header = parse_header(head, path);
    NpyFile file;
    file.path_ = path;
    file.start_ = static_cast<std::size_t>(header.data.data() - head.data());
    // Others need to be seen whole: integers for their greatest value, other ranks for what --shape says.
    if (understand(header, size - file.start_, path).numbers != Numbers::floating) return std::nullopt;
    if (header.shape.size() < 2 || header.shape.size() > 4) return std::nullopt;
    file.shape_ = images_shape(header.shape, path);
    file.rank_ = static_cast<int>(header.shape.size());
    file.type_ = header.type;
    return file;
}

std::string NpyFile::how() const { return fmt::format("{}, as it is", find_type(type_)->spoken); }

Tensor NpyFile::read(std::size_t first, std::size_t count) const {
    if (first > shape_[0] || count > shape_[0] - first)
        fail(ErrorCode::bad_argument, "images {} to {} were asked of {}", first, first + count, shape_[0]);
    const Type* type = find_type(type_);
    const std::size_t bytes_each = sample_size(shape_) * type->size;
    const Bytes bytes = read_range(path_, start_ + first * bytes_each, count * bytes_each);
    if (bytes.size() != count * bytes_each) fail(ErrorCode::bad_file, "{} became shorter while it was read", path_);
    Tensor pixels(with_batch(shape_, count));
    read_elements(*type, bytes.data(), elements(pixels));
    return pixels;
}

NpyWriter::NpyWriter(const std::string& path, const Shape& shape, int rank) : file_(path), shape_(shape), rank_(rank) {
    if (rank < 2 || rank > 4 || (rank < 4 && shape[3] != 1) || (rank == 2 && shape[0] != 1))
        fail(ErrorCode::bad_shape, "{} cannot be written with {} axes", to_string(shape), rank);
    file_.write(npy_header(shape_, rank_));
}

void NpyWriter::add(const Tensor& images) {
    came_ += images.shape()[0];
    file_.write({reinterpret_cast<const std::uint8_t*>(images.data()), images.size() * sizeof(float)});
}

void NpyWriter::commit() {
    if (came_ != shape_[0]) {
        shape_[0] = came_;
        file_.rewrite_start(npy_header(shape_, rank_));
    }
    file_.commit();
}

void write_npy(const std::string& path, const Images& images) {
    NpyWriter writer(path, images.pixels.shape(), images.rank);
    writer.add(images.pixels);
    writer.commit();
}

}  // namespace pellucid

#endif
