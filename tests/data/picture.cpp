/// Pictures of every kind, and what they become for networks of every kind.
#ifndef __EMSCRIPTEN__

#include "pellucid/data/picture.hpp"

#include "png_file.hpp"
#include "support.hpp"

#include "pellucid/data/file.hpp"
#include "pellucid/data/input.hpp"

using namespace pellucid;
using namespace pellucid::test;

namespace {

/// 8×8 grey and alpha: `ink` in a 2×4 block, opaque; elsewhere `rest`, transparent.
PngFile drawn(std::uint8_t ink, std::uint8_t rest) {
    PngFile file{8, 8, 8, 4, {}};
    for (int i = 0; i < 64; ++i) {
        const bool inside = i / 8 >= 2 && i / 8 < 6 && i % 8 >= 3 && i % 8 < 5;
        file.rows.push_back(inside ? ink : rest);
        file.rows.push_back(inside ? 255 : 0);
    }
    return file;
}

/// An opaque sheet of 6×6 with ink in the middle, transparent around.
PngFile sheet(std::uint8_t ink, std::uint8_t paper) {
    PngFile file{8, 8, 8, 4, {}};
    for (int i = 0; i < 64; ++i) {
        const int y = i / 8, x = i % 8;
        const bool inside = y >= 1 && y < 7 && x >= 1 && x < 7, drawn = y == 3 && x >= 2 && x < 6;
        file.rows.push_back(drawn ? ink : paper);
        file.rows.push_back(inside ? 255 : 0);
    }
    return file;
}

PngFile grey(std::vector<std::uint8_t> rows, std::uint32_t width) {
    return {width, static_cast<std::uint32_t>(rows.size()) / width, 8, 0, std::move(rows)};
}

class Reader {
public:
    ReadInput operator()(const PngFile& file, const InputForm& form) const {
        write_file(directory_ / "a.png", file.bytes());
        return read_input(directory_ / "a.png", form);
    }

private:
    TemporaryDirectory directory_;
};

InputForm form(std::size_t channels, bool digits, Invert invert = Invert::auto_, InputRange range = {}) {
    return {.channels = channels, .digits = digits, .range = std::move(range), .invert = invert};
}

float at(const ReadInput& read, std::size_t y, std::size_t x, std::size_t c = 0) {
    return read.images.pixels(0, y, x, c);
}

bool says(const ReadInput& read, std::string_view words) {
    CAPTURE(read.how);
    CHECK(read.how.find(words) != std::string::npos);
    return read.how.find(words) != std::string::npos;
}

}  // namespace

TEST_CASE("picture: bit depths, palettes, grey with alpha") {
    const Picture deep(PngFile{2, 1, 16, 0, {0xff, 0xff, 0x80, 0x00}}.bytes(), "deep");
    CHECK(deep.bits() == 16);
    CHECK(deep.luma(0) == 1.0F);
    CHECK(deep.luma(1) == 32768.0F / 65535.0F);
    const Picture bits(PngFile{8, 1, 1, 0, {0b10110000}}.bytes(), "bits");
    CHECK(bits.luma(0) == 1.0F);
    CHECK(bits.luma(1) == 0.0F);
    CHECK(bits.luma(3) == 1.0F);
    const Picture fours(PngFile{2, 1, 4, 0, {0x5f}}.bytes(), "fours");
    CHECK(fours.luma(0) == doctest::Approx(5.0 / 15.0));
    CHECK(fours.luma(1) == 1.0F);
    const Picture palette(PngFile{2, 1, 8, 3, {1, 0}, {10, 20, 30, 51, 102, 204}, {0, 255}}.bytes(), "palette");
    CHECK(palette.red(0) == 0.2F);
    CHECK(palette.green(0) == 0.4F);
    CHECK(palette.blue(0) == 0.8F);
    CHECK(palette.alpha(0) == 1.0F);
    CHECK(palette.alpha(1) == 0.0F);
    CHECK(palette.has_colour());
    CHECK(palette.has_transparency());
    const Picture veiled(PngFile{2, 1, 16, 4, {0xff, 0xff, 0x80, 0x00, 0x00, 0x00, 0xff, 0xff}}.bytes(), "veiled");
    CHECK(veiled.alpha(0) == 32768.0F / 65535.0F);
    CHECK_FALSE(veiled.has_colour());
}

TEST_CASE("picture: transparency shows a ground that the content stands out from") {
    CHECK(ground_of(Picture(drawn(0, 0).bytes(), "dark ink")) == 1.0F);
    CHECK(ground_of(Picture(drawn(255, 255).bytes(), "light ink")) == 0.0F);
    CHECK(ground_of(Picture(drawn(255, 0).bytes(), "light ink over transparent black")) == 0.0F);
    CHECK(ground_of(Picture(drawn(100, 0).bytes(), "grey ink")) == 1.0F);
    CHECK(ground_of(Picture(sheet(0, 255).bytes(), "white paper")) == 1.0F);
    CHECK(ground_of(Picture(sheet(255, 0).bytes(), "black paper")) == 0.0F);

    const Reader read;
    for (const std::uint8_t ink : {std::uint8_t{0}, std::uint8_t{255}}) {
        CAPTURE(ink);
        for (const std::size_t channels : {1U, 3U}) {
            const ReadInput photo = read(drawn(ink, 128), form(channels, false));
            CHECK(at(photo, 3, 3) == static_cast<float>(ink) / 255.0F);
            CHECK(at(photo, 0, 0) == 1.0F - static_cast<float>(ink) / 255.0F);
            CHECK_FALSE(photo.inverted);
        }
        const ReadInput digit = read(drawn(ink, 128), form(1, true));
        CHECK(at(digit, 3, 3) == 1.0F);
        CHECK(at(digit, 0, 0) == 0.0F);
        CHECK(digit.inverted == (ink == 0));
        says(digit, ink == 0 ? "laid over white" : "laid over black");
        const ReadInput on_sheet = read(sheet(ink, static_cast<std::uint8_t>(255 - ink)), form(1, true));
        CHECK(at(on_sheet, 3, 3) == 1.0F);
        CHECK(at(on_sheet, 0, 0) == 0.0F);
        CHECK(at(on_sheet, 5, 5) == 0.0F);
    }
    // One alpha everywhere hides nothing.
    PngFile even = drawn(0, 255);
    for (std::size_t i = 1; i < even.rows.size(); i += 2) even.rows[i] = 128;
    CHECK(at(read(even, form(1, false)), 3, 3) == 0.0F);
    CHECK(at(read(even, form(1, false)), 0, 0) == 1.0F);
}

TEST_CASE("picture: turned round for digits or when asked, never else, and it says so") {
    const Reader read;
    const PngFile bright = grey({255, 255, 204, 0}, 2), dark = grey({0, 0, 51, 255}, 2);
    const ReadInput photo = read(bright, form(1, false));
    CHECK_FALSE(photo.inverted);
    CHECK(at(photo, 1, 0) == 0.8F);
    CHECK(photo.how.find("inverted") == std::string::npos);
    const ReadInput digit = read(bright, form(1, true));
    CHECK(digit.inverted);
    says(digit, "inverted");
    CHECK(at(digit, 1, 1) == 1.0F);
    CHECK_FALSE(read(dark, form(1, true)).inverted);
    CHECK_FALSE(read(bright, form(1, true, Invert::no)).inverted);
    const ReadInput asked = read(dark, form(1, false, Invert::yes));
    CHECK(asked.inverted);
    says(asked, "inverted as asked");
    CHECK(at(asked, 1, 1) == 0.0F);
    CHECK(form_of([] {
              Network network(Shape{1, 4, 4, 3});
              return network;
          }())
              .digits == false);
}

TEST_CASE("picture: three channels for networks that read three, luma for one, the range's ends for black and white") {
    const Reader read;
    const PngFile colour{2, 1, 8, 2, {255, 0, 51, 0, 255, 0}};
    const ReadInput three = read(colour, form(3, false));
    CHECK(three.images.rank == 4);
    CHECK(at(three, 0, 0, 0) == 1.0F);
    CHECK(at(three, 0, 0, 1) == 0.0F);
    CHECK(at(three, 0, 0, 2) == 0.2F);
    CHECK(at(three, 0, 1, 1) == 1.0F);
    const ReadInput one = read(colour, form(1, false));
    CHECK(one.images.rank == 2);
    CHECK(at(one, 0, 1) == 0.587F);
    says(one, "read as grey");
    const ReadInput wide = read(grey({0, 255, 51, 0}, 2), form(3, false, Invert::auto_, {{-1.0F}, {1.0F}}));
    CHECK(at(wide, 0, 0, 2) == -1.0F);
    CHECK(at(wide, 0, 1, 1) == 1.0F);
    says(wide, "all three channels");
    says(wide, "-1 … 1");
    check_fails(ErrorCode::bad_argument, {"1 or 3 channels", "2"}, [&] { read(colour, form(2, false)); });
}

TEST_CASE("picture: one that comes out blank is an error") {
    const Reader read;
    for (const PngFile& file : {grey({255, 255, 255, 255}, 2), grey({0, 0, 0, 0}, 2), grey({90, 90, 90, 90}, 2)}) {
        check_fails(ErrorCode::bad_file, {"a.png", "blank"}, [&] { read(file, form(1, true)); });
        check_fails(ErrorCode::bad_file, {"blank"}, [&] { read(file, form(3, false)); });
    }
    const PngFile alike{2, 1, 8, 2, {100, 0, 0, 0, 51, 0}};  // 0.299·100 = 29.9, 0.587·51 = 29.9
    check_fails(ErrorCode::bad_file, {"blank", "brightness"}, [&] { read(alike, form(1, false)); });
    CHECK_NOTHROW(read(alike, form(3, false)));
}

#endif
