#ifndef __EMSCRIPTEN__

#include "pellucid/data/input.hpp"

#include "support.hpp"

#include "pellucid/data/file.hpp"
#include "pellucid/data/png.hpp"

using namespace pellucid;
using namespace pellucid::test;

namespace {

const std::vector<std::uint8_t> two_images = {0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2, 0, 255, 51, 102};

}  // namespace

TEST_CASE("input: .npy, PNG and IDX are told apart by what they hold") {
    const TemporaryDirectory directory;
    Tensor pixels = filled({3, 2, 2, 1}, 0.5F);
    pixels(2, 0, 0, 0) = 0.125F;
    write_npy(directory / "a.npy", {pixels, 3});
    CHECK(load_input(directory / "a.npy").pixels == pixels);
    CHECK(load_input(directory / "a.npy").rank == 3);
    const Images third = load_input(directory / "a.npy#2");
    CHECK(third.rank == 2);
    CHECK(third.pixels.shape() == Shape{1, 2, 2, 1});
    CHECK(third.pixels(0, 0, 0, 0) == 0.125F);

    // Dark ink on white paper, under a name that says nothing.
    Tensor brightness = filled({1, 3, 3, 1}, 1.0F);
    brightness(0, 1, 1, 0) = 0.0F;
    write_png(directory / "picture", brightness);
    const Images picture = load_input(directory / "picture");
    CHECK(picture.rank == 2);
    CHECK(picture.pixels(0, 1, 1, 0) == 1.0F);
    CHECK(picture.pixels(0, 0, 0, 0) == 0.0F);

    write_file(directory / "images-idx3-ubyte", two_images);
    CHECK(load_input(directory / "images-idx3-ubyte").pixels.shape() == Shape{2, 1, 2, 1});
    CHECK(load_input(directory / "images-idx3-ubyte").rank == 3);
    const Images second = load_input(directory / "images-idx3-ubyte#1");
    CHECK(second.rank == 2);
    CHECK(second.pixels(0, 0, 0, 0) == 0.2F);
}

TEST_CASE("input: several channels keep rank 4") {
    const TemporaryDirectory directory;
    write_npy(directory / "a.npy", {filled({3, 2, 2, 3}, 0.5F), 4});
    CHECK(load_input(directory / "a.npy#0").rank == 4);
    CHECK(load_input(directory / "a.npy#0").pixels.shape() == Shape{1, 2, 2, 3});
}

TEST_CASE("input: a name that ends like an index is still a name") {
    const TemporaryDirectory directory;
    write_file(directory / "digits#1", two_images);
    CHECK(load_input(directory / "digits#1").rank == 3);
    CHECK(load_input(directory / "digits#1#1").rank == 2);
}

TEST_CASE("input: errors say what would be right") {
    const TemporaryDirectory directory;
    write_file(directory / "images", two_images);
    check_fails(ErrorCode::bad_argument, {"images", "2", "0"}, [&] { load_input(directory / "images#2"); });
    check_fails(ErrorCode::bad_argument, {"'first'", "index"}, [&] { load_input(directory / "images#first"); });
    check_fails(ErrorCode::bad_argument, {"''"}, [&] { load_input(directory / "images#"); });
    check_fails(ErrorCode::bad_file, {"nothing", "No such file"}, [&] { load_input(directory / "nothing"); });
    write_file(directory / "notes.txt", bytes_of("hello"));
    check_fails(ErrorCode::bad_file, {"notes.txt", ".npy", ".png", "IDX"},
                [&] { load_input(directory / "notes.txt"); });
    write_file(directory / "labels", std::vector<std::uint8_t>{0, 0, 8, 1, 0, 0, 0, 1, 5});
    check_fails(ErrorCode::bad_file, {"labels", "1 axes"}, [&] { load_input(directory / "labels"); });
}

#endif
