#ifndef __EMSCRIPTEN__

#include "pellucid/data/png.hpp"

#include "support.hpp"

#include "pellucid/data/file.hpp"

#include <cmath>
#include <iterator>
#include <limits>

using namespace pellucid;
using namespace pellucid::test;

namespace {

/// 2×3 RGBA as another library wrote it: red, transparent, black / green, black with alpha 51, white.
constexpr std::uint8_t rgba_png[] = {0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0x00, 0x00, 0x00, 0x0d, 0x49, 0x48,
                                     0x44, 0x52, 0x00, 0x00, 0x00, 0x03, 0x00, 0x00, 0x00, 0x02, 0x08, 0x06, 0x00, 0x00,
                                     0x00, 0x9d, 0x74, 0x66, 0x1a, 0x00, 0x00, 0x00, 0x1a, 0x49, 0x44, 0x41, 0x54, 0x78,
                                     0x9c, 0x63, 0xf8, 0xcf, 0xc0, 0xf0, 0x9f, 0x01, 0x02, 0xfe, 0x33, 0x31, 0x42, 0x98,
                                     0xc6, 0xff, 0xff, 0xff, 0x67, 0x00, 0x00, 0x51, 0xee, 0x07, 0x30, 0xd2, 0x32, 0x17,
                                     0x5c, 0x00, 0x00, 0x00, 0x00, 0x49, 0x45, 0x4e, 0x44, 0xae, 0x42, 0x60, 0x82};

}  // namespace

TEST_CASE("png: colours, grey and transparency of a file from elsewhere") {
    const Tensor colour = parse_png(rgba_png, 3, "small");
    REQUIRE(colour.shape() == Shape{1, 2, 3, 3});
    CHECK(colour(0, 0, 0, 0) == 1.0F);
    CHECK(colour(0, 0, 0, 1) == 0.0F);
    CHECK(colour(0, 1, 0, 1) == 1.0F);
    CHECK(colour(0, 0, 2, 2) == 0.0F);
    // Transparent is paper; a fifth of black over white is four fifths bright.
    CHECK(colour(0, 0, 1, 0) == 1.0F);
    CHECK(colour(0, 1, 1, 2) == doctest::Approx(0.8));

    const Tensor grey = parse_png(rgba_png, 1, "small");
    REQUIRE(grey.shape() == Shape{1, 2, 3, 1});
    CHECK(grey(0, 0, 0, 0) == doctest::Approx(0.299).epsilon(0.01));
    CHECK(grey(0, 1, 0, 0) == doctest::Approx(0.587).epsilon(0.01));
    CHECK(grey(0, 0, 1, 0) == 1.0F);
}

TEST_CASE("png: written and read again to half a step of 255") {
    const TemporaryDirectory directory;
    Tensor image(Shape{2, 3, 5, 3});
    for (std::size_t i = 0; i < image.size(); ++i) image.data()[i] = static_cast<float>(i % 47) / 46.0F;
    for (const std::size_t n : {0, 1}) {
        write_png(directory / "a.png", image, n);
        const Tensor read = read_png(directory / "a.png", 3);
        REQUIRE(read.shape() == Shape{1, 3, 5, 3});
        for (std::size_t i = 0; i < read.size(); ++i)
            CHECK(std::abs(read.data()[i] - sample(image, n)[i]) <= 0.5F / 255.0F + 1e-6F);
    }
}

TEST_CASE("png: values outside 0 … 1 are clamped, NaN is 0") {
    Tensor image = zeros({1, 1, 3, 1});
    image(0, 0, 0, 0) = -4.0F;
    image(0, 0, 1, 0) = 7.0F;
    image(0, 0, 2, 0) = std::numeric_limits<float>::quiet_NaN();
    const Tensor read = parse_png(encode_png(image), 1, "clamped");
    CHECK(read(0, 0, 0, 0) == 0.0F);
    CHECK(read(0, 0, 1, 0) == 1.0F);
    CHECK(read(0, 0, 2, 0) == 0.0F);
}

TEST_CASE("png: ink is 1 for dark ink on white paper and for light ink on black") {
    Tensor white_paper = filled({1, 2, 2, 1}, 1.0F);
    white_paper(0, 0, 0, 0) = 0.25F;
    CHECK(to_ink(white_paper));
    CHECK(white_paper(0, 0, 0, 0) == 0.75F);
    CHECK(white_paper(0, 1, 1, 0) == 0.0F);

    Tensor black_paper = zeros({1, 2, 2, 1});
    black_paper(0, 0, 0, 0) = 0.75F;
    CHECK_FALSE(to_ink(black_paper));
    CHECK(black_paper(0, 0, 0, 0) == 0.75F);

    Tensor half = filled({1, 2, 2, 1}, 0.5F);  // the rule says: above 0.5
    CHECK_FALSE(to_ink(half));
}

TEST_CASE("png: what cannot be read or written is named") {
    check_fails(ErrorCode::bad_file, {"missing.png", "No such file"}, [] { read_png("missing.png"); });
    check_fails(ErrorCode::bad_file, {"text", "PNG"}, [] { parse_png(bytes_of("not a png at all"), 1, "text"); });
    check_fails(ErrorCode::bad_file, {"short", "PNG"}, [] { parse_png(std::span(rgba_png).first(50), 1, "short"); });
    check_fails(ErrorCode::bad_file, {"long", "no PNG"}, [] { parse_png(Bytes(1000, 'x'), 1, "long"); });
    check_fails(ErrorCode::bad_file, {"empty", "no PNG"}, [] { parse_png({}, 1, "empty"); });
    const auto with = [](std::size_t at, std::uint8_t byte) {
        Bytes bytes(std::begin(rgba_png), std::end(rgba_png));
        bytes.at(at) = byte;
        return bytes;
    };
    // 0x40000003 columns; a chunk of 0x4000000d bytes, for which there would be room made before they are looked for.
    check_fails(ErrorCode::bad_file, {"wide", "1073741827×2", "up to 67108864"},
                [&] { parse_png(with(16, 0x40), 1, "wide"); });
    check_fails(ErrorCode::bad_file, {"claims", "1073741837"}, [&] { parse_png(with(8, 0x40), 1, "claims"); });
    check_fails(ErrorCode::bad_argument, {"1 or 3", "2"}, [] { parse_png(rgba_png, 2, "small"); });
    check_fails(ErrorCode::bad_shape, {"(1, 2, 2, 2)"}, [] { encode_png(zeros({1, 2, 2, 2})); });
    check_fails(ErrorCode::bad_shape, {"sample 1"}, [] { encode_png(zeros({1, 2, 2, 1}), 1); });
}

#endif
