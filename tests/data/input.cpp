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

TEST_CASE("input: the axes of an array are what --shape says") {
    const TemporaryDirectory directory;
    Tensor pixels(Shape{2, 3, 4, 2});
    for (std::size_t i = 0; i < pixels.size(); ++i) pixels.data()[i] = static_cast<float>(i) / 48.0F;
    write_npy(directory / "a.npy", {pixels, 4});
    const auto shaped = [&](const char* file, const std::string& shape) {
        InputForm form;
        form.shape = shape;
        return read_input(directory / file, form).images;
    };
    // Read as (N, C, H, W) the array has 3 channels of 4 × 2.
    const Images turned = shaped("a.npy", "NCHW");
    CHECK(turned.rank == 4);
    REQUIRE(turned.pixels.shape() == Shape{2, 4, 2, 3});
    CHECK(turned.pixels(1, 3, 1, 2) == pixels(1, 2, 3, 1));
    CHECK(turned.pixels(0, 2, 0, 1) == pixels(0, 1, 2, 0));
    CHECK(shaped("a.npy", "NHWC").pixels == pixels);
    CHECK(shaped("a.npy", "3,4,2").pixels == pixels);
    CHECK(shaped("a.npy", "6,4").pixels.shape() == Shape{2, 6, 4, 1});
    CHECK(shaped("a.npy", "8,6").rank == 2);
    CHECK(shaped("a.npy#1", "NCHW").pixels.shape() == Shape{1, 4, 2, 3});

    write_npy(directory / "b.npy", {filled({2, 3, 4, 1}, 0.5F), 3});
    CHECK(shaped("b.npy", "CHW").pixels.shape() == Shape{1, 3, 4, 2});
    CHECK(shaped("b.npy", "HWC").pixels.shape() == Shape{1, 2, 3, 4});
    CHECK(shaped("b.npy", "NHW").rank == 3);
    for (const char* shape :
         {"HW", "NCHW", "NHH", "NHC", "XHW", "5,5", "0,3", "3", "1,2,3,4", "3,,4", "3,4,", "99999999999,3"}) {
        CAPTURE(shape);
        check_fails(ErrorCode::bad_argument, {"--shape", "(2, 3, 4)"}, [&] { shaped("b.npy", shape); });
    }
}

TEST_CASE("input: integers and pictures fill the network's range, floating numbers are in it already") {
    const TemporaryDirectory directory;
    std::vector<std::uint8_t> npy = bytes_of(std::string("\x93NUMPY\x01\x00", 8));
    const std::string header = "{'descr': '|u1', 'fortran_order': False, 'shape': (16, 16), }         \n";
    npy.push_back(static_cast<std::uint8_t>(header.size()));
    npy.push_back(0);
    npy.insert(npy.end(), header.begin(), header.end());
    for (int i = 0; i < 256; ++i) npy.push_back(static_cast<std::uint8_t>(i));
    write_file(directory / "grey.npy", npy);
    InputForm form;
    form.range = {{0.0F}, {255.0F}};
    const ReadInput grey = read_input(directory / "grey.npy", form);
    for (std::size_t i = 0; i < 256; ++i) CHECK(grey.images.pixels.data()[i] == static_cast<float>(i));
    CHECK(grey.how == "uint8, 0 … 255 to 0 … 255");
    form.invert = Invert::yes;
    CHECK(read_input(directory / "grey.npy", form).images.pixels.data()[255] == 0.0F);
    CHECK(read_input(directory / "grey.npy", form).inverted);
    form.invert = Invert::auto_;
    write_npy(directory / "a.npy", {filled({1, 2, 2, 1}, 200.0F), 2});
    CHECK(read_input(directory / "a.npy", form).images.pixels(0, 0, 0, 0) == 200.0F);
    // 0 … 1 for a network of 0 … 255 is next to nothing.
    write_npy(directory / "b.npy", {filled({1, 2, 2, 1}, 1.0F), 2});
    check_fails(ErrorCode::bad_argument, {"0 … 255", "--range 0,1"}, [&] { read_input(directory / "b.npy", form); });
    form.as_it_is = true;
    CHECK(read_input(directory / "b.npy", form).images.pixels(0, 0, 0, 0) == 1.0F);
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
