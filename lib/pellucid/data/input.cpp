#include "pellucid/data/input.hpp"

#ifndef __EMSCRIPTEN__

#include "pellucid/data/file.hpp"
#include "pellucid/data/idx.hpp"
#include "pellucid/data/png.hpp"
#include "pellucid/error.hpp"

#include <algorithm>
#include <charconv>
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

}  // namespace

Images load_input(const std::string& text) {
    const Place place = split(text);
    const Bytes bytes = read_unpacked(place.path);
    if (is_idx(bytes)) {
        const ByteImages images = parse_idx_images(bytes, place.path);
        if (!place.index) return {to_tensor(images), 3};
        if (*place.index >= images.count) {
            fail(ErrorCode::bad_argument, "{} has no image {}: it holds {}, counted from 0", place.path, *place.index,
                 images.count);
        }
        return {to_tensor(images, *place.index, 1), 2};
    }
    if (begins_with(bytes, "\x93NUMPY")) {
        Images images = parse_npy(bytes, place.path);
        return place.index ? one_of(images, *place.index, place.path) : std::move(images);
    }
    if (begins_with(bytes, "\x89PNG")) {
        Images images{parse_png(bytes, 1, place.path), 2};
        to_ink(images.pixels);
        return place.index ? one_of(images, *place.index, place.path) : std::move(images);
    }
    fail(ErrorCode::bad_file, "{} is no image that is read here: .npy, .png or an IDX file (plain or .gz) is",
         place.path);
}

}  // namespace pellucid

#endif
