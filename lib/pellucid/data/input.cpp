#include "pellucid/data/input.hpp"

#ifndef __EMSCRIPTEN__

#include "pellucid/data/file.hpp"
#include "pellucid/data/idx.hpp"
#include "pellucid/data/picture.hpp"
#include "pellucid/data/png.hpp"
#include "pellucid/error.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <filesystem>
#include <optional>
#include <string_view>

namespace pellucid {
namespace {

struct Place {
    std::string path;
    std::optional<std::size_t> index;
};

Place split(const std::string& text) {
    const std::size_t mark = text.rfind('#');
    std::error_code ignored;
    if (mark == std::string::npos || std::filesystem::exists(text, ignored)) return {text, {}};
    const std::string_view digits = std::string_view(text).substr(mark + 1);
    std::size_t index = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), index);
    if (error != std::errc{} || end != digits.data() + digits.size()) {
        fail(ErrorCode::bad_argument, "'{}' after # in {} is not an index: a number from 0 is", digits, text);
    }
    return {text.substr(0, mark), index};
}

bool begins_with(const Bytes& bytes, std::string_view magic) {
    return bytes.size() >= magic.size() &&
           std::equal(magic.begin(), magic.end(), bytes.begin(),
                      [](char a, std::uint8_t b) { return static_cast<std::uint8_t>(a) == b; });
}

Images one_of(const Images& images, std::size_t index, const std::string& path) {
    if (index >= images.pixels.shape()[0]) {
        fail(ErrorCode::bad_argument, "{} has no image {}: it holds {}, counted from 0", path, index,
             images.pixels.shape()[0]);
    }
    return {batch_slice(images.pixels, index, 1), images.pixels.shape()[3] == 1 ? 2 : 4};
}

/// Where the axes N, H, W and C stand among those of the array; sizes of those that are missing are 1.
struct Axes {
    std::size_t extent[4] = {1, 1, 1, 1}, stride[4] = {0, 0, 0, 0};
};

constexpr std::string_view axis_letters = "NHWC";

[[noreturn]] void refuse_shape(const std::string& name, const NpyArray& array, const std::string& shape) {
    fail(ErrorCode::bad_argument,
         "--shape {} does not fit {}, whose shape is ({}): letters of N, H, W and C, one for each axis, as in NCHW or "
         "HWC, or the sizes H,W or H,W,C of the images do",
         shape, name, comma_separated(array.shape));
}

/// From letters, one for each axis of the array.
Axes axes_by_letters(const NpyArray& array, const std::string& shape, const std::string& name) {
    Axes axes;
    if (shape.size() != array.shape.size()) refuse_shape(name, array, shape);
    std::size_t stride = 1;
    for (std::size_t i = shape.size(); i-- > 0;) {
        const std::size_t axis = axis_letters.find(shape[i]);
        if (axis == std::string_view::npos || axes.stride[axis] != 0) refuse_shape(name, array, shape);
        axes.extent[axis] = array.shape[i];
        axes.stride[axis] = stride;
        stride *= array.shape[i];
    }
    if (axes.stride[1] == 0 || axes.stride[2] == 0) refuse_shape(name, array, shape);
    return axes;
}

/// From the sizes of one image; as many images as there are numbers for.
Axes axes_by_sizes(const NpyArray& array, const std::string& shape, const std::string& name) {
    std::vector<std::size_t> sizes;
    const char* at = shape.data();
    const char* const stop = at + shape.size();
    while (at < stop && sizes.size() < 4) {
        std::size_t size = 0;
        const auto [end, error] = std::from_chars(at, stop, size);
        const bool separated = end == stop || ((*end == ',' || *end == 'x') && end + 1 != stop);
        if (error != std::errc{} || size == 0 || size > array.values.size() || !separated)
            refuse_shape(name, array, shape);
        sizes.push_back(size);
        at = end == stop ? stop : end + 1;
    }
    if (at != stop || sizes.size() < 2 || sizes.size() > 3) refuse_shape(name, array, shape);
    if (sizes.size() == 2) sizes.push_back(1);
    const std::size_t row = sizes[1] * sizes[2];
    if (sizes[1] > array.values.size() / sizes[2] || sizes[0] > array.values.size() / row ||
        array.values.size() % (sizes[0] * row) != 0)
        refuse_shape(name, array, shape);
    return {{array.values.size() / (sizes[0] * row), sizes[0], sizes[1], sizes[2]}, {sizes[0] * row, row, sizes[2], 1}};
}

Images images_of(const NpyArray& array, const InputForm& form, const std::string& name) {
    const std::size_t rank = array.shape.size();
    const std::string usual = rank == 2 ? "HW" : rank == 3 ? "NHW" : rank == 4 ? "NHWC" : "";
    if (form.shape.empty() && usual.empty()) {
        fail(ErrorCode::bad_file,
             "{} has rank {}, shape ({}); (H, W), (N, H, W) or (N, H, W, C) is read, or what --shape says", name, rank,
             comma_separated(array.shape));
    }
    const std::string& shape = form.shape.empty() ? usual : form.shape;
    const bool by_sizes = shape.find_first_of("0123456789") != std::string::npos;
    const Axes axes = by_sizes ? axes_by_sizes(array, shape, name) : axes_by_letters(array, shape, name);
    const auto& [n, h, w, c] = axes.extent;
    const bool one = by_sizes ? n == 1 : axes.stride[0] == 0;
    Images images{Tensor(Shape{n, h, w, c}), form.shape.empty() ? static_cast<int>(rank) : c > 1 ? 4 : one ? 2 : 3};
    float* out = images.pixels.data();
    for (std::size_t i = 0; i < n; ++i) {
        for (std::size_t y = 0; y < h; ++y) {
            for (std::size_t x = 0; x < w; ++x) {
                for (std::size_t k = 0; k < c; ++k) {
                    *out++ =
                        array.values[i * axes.stride[0] + y * axes.stride[1] + x * axes.stride[2] + k * axes.stride[3]];
                }
            }
        }
    }
    return images;
}

std::string ends_of(const InputRange& range) {
    return range.by_channel() ? "each channel's range" : fmt::format("{} … {}", range.low[0], range.high[0]);
}

void turn_round(Tensor& shares) {
    for (float& value : elements(shares)) value = 1.0F - value;
}

ReadInput from_array(const Bytes& bytes, const InputForm& form, const std::string& name) {
    NpyArray array = parse_npy_array(bytes, name);
    if (form.as_it_is) return {images_of(array, form, name), array.type, false};
    grey_to_share(array, name);
    ReadInput read{images_of(array, form, name), array.type, form.invert == Invert::yes};
    Tensor& pixels = read.images.pixels;
    if (array.numbers == NpyArray::Numbers::floating) {
        read.how += ", as it is";
        const auto [least, greatest] = std::minmax_element(pixels.data(), pixels.data() + pixels.size());
        check_extent(*least, *greatest, form.range);
        if (read.inverted) {
            const std::size_t channels = pixels.shape()[3];
            for (std::size_t i = 0; i < pixels.size(); ++i) {
                const std::size_t c = form.range.by_channel() ? i % channels % form.range.low.size() : 0;
                pixels.data()[i] = form.range.low_of(c) + form.range.high_of(c) - pixels.data()[i];
            }
        }
    } else {
        read.how += fmt::format(", {} to {}", array.numbers == NpyArray::Numbers::boolean ? "false … true" : "0 … 255",
                                ends_of(form.range));
        if (read.inverted) turn_round(pixels);
        if (!form.range.by_channel() || form.range.low.size() == pixels.shape()[3]) scale_to_range(pixels, form.range);
    }
    if (read.inverted) read.how += ", inverted as asked";
    return read;
}

void refuse_blank(const Tensor& image, const Picture& picture, const std::string& name) {
    const std::size_t channels = image.shape()[3];
    for (std::size_t i = channels; i < image.size(); ++i) {
        if (std::abs(image.data()[i] - image.data()[i % channels]) > 0.5F / 255.0F) return;
    }
    fail(ErrorCode::bad_file, "{} is blank: every pixel of {} × {} comes out alike{}", name, picture.height(),
         picture.width(), picture.has_colour() && channels == 1 ? ", its colours have one brightness" : "");
}

ReadInput from_picture(const Bytes& bytes, const InputForm& form, const std::string& name) {
    if (form.channels != 1 && form.channels != 3) {
        fail(ErrorCode::bad_argument,
             "{} is a picture, and serves networks that read 1 or 3 channels; this one reads {}", name, form.channels);
    }
    const Picture picture(bytes, name);
    const bool transparent = picture.has_transparency(), colour = picture.has_colour();
    const float ground = transparent ? ground_of(picture) : 1.0F;
    Tensor image = laid_over(picture, ground, form.channels);
    refuse_blank(image, picture, name);
    double mean = 0;
    for (const float value : elements(image)) mean += static_cast<double>(value);
    mean /= static_cast<double>(image.size());

    ReadInput read;
    read.how = fmt::format("{}-bit {} PNG", picture.bits(), colour ? "colour" : "grey");
    if (colour && form.channels == 1) read.how += ", read as grey";
    if (!colour && form.channels == 3) read.how += ", in all three channels";
    if (transparent) read.how += fmt::format(", laid over {}", ground > 0.5F ? "white" : "black");
    read.how += fmt::format(", black … white to {}", ends_of(form.range));
    const bool bright = transparent ? ground > 0.5F : mean > 0.5;
    read.inverted = form.invert == Invert::yes || (form.invert == Invert::auto_ && form.digits && bright);
    if (read.inverted) {
        turn_round(image);
        read.how += form.invert == Invert::yes
                        ? ", inverted as asked"
                        : ", inverted: its ground is bright, and the network reads digits, light ink on black";
    }
    scale_to_range(image, form.range);
    read.images = {std::move(image), form.channels == 1 ? 2 : 4};
    return read;
}

ReadInput from_idx(const Bytes& bytes, const InputForm& form, const Place& place) {
    const ByteImages images = parse_idx_images(bytes, place.path);
    ReadInput read{{}, fmt::format("IDX bytes, 0 … 255 to {}", ends_of(form.range)), form.invert == Invert::yes};
    if (place.index && *place.index >= images.count) {
        fail(ErrorCode::bad_argument, "{} has no image {}: it holds {}, counted from 0", place.path, *place.index,
             images.count);
    }
    read.images = place.index ? Images{to_tensor(images, *place.index, 1), 2} : Images{to_tensor(images), 3};
    if (read.inverted) {
        turn_round(read.images.pixels);
        read.how += ", inverted as asked";
    }
    if (!form.range.by_channel()) scale_to_range(read.images.pixels, form.range);
    return read;
}

}  // namespace

InputForm form_of(const Network& network) {
    const std::size_t channels = network.input_shape()[3];
    return {.channels = channels, .digits = channels == 1 && network.classes() == 10, .range = input_range(network)};
}

ReadInput read_input(const std::string& text, const InputForm& form) {
    const Place place = split(text);
    const Bytes bytes = read_unpacked(place.path);
    if (is_idx(bytes)) return from_idx(bytes, form, place);
    ReadInput read;
    if (begins_with(bytes, "\x93NUMPY")) {
        read = from_array(bytes, form, place.path);
    } else if (begins_with(bytes, "\x89PNG")) {
        read = from_picture(bytes, form, place.path);
    } else {
        fail(ErrorCode::bad_file, "{} is no image that is read here: .npy, .png or an IDX file (plain or .gz) is",
             place.path);
    }
    if (place.index) read.images = one_of(read.images, *place.index, place.path);
    return read;
}

Images load_input(const std::string& place) { return read_input(place, {}).images; }

}  // namespace pellucid

#endif
