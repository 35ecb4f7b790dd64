// Drawings, their rasters, and the built-in digits.
#include "bad_input/book.hpp"
#include "pellucid/data/normalise.hpp"
#include "pellucid/data/pen_digits.hpp"

#include <cmath>

using namespace pellucid;
using namespace pellucid::test;

TEST_CASE("bad input: drawings") {
    const Stroke stroke{{{1, 2, 0}, {5, 6, 10}}, 2, false};
    for (const float bad : {0.0F, -1.0F, 1e30F, 1e-30F, std::nanf(""), INFINITY, -INFINITY}) {
        const auto ask = [&](std::string_view kind, const Drawing& drawing) {
            const std::string given = fmt::format("{}", bad);
            refuses("stroke_bounds", kind, given, [&] { stroke_bounds(drawing); });
            refuses("rasterise", kind, given, [&] { rasterise(drawing, 28); });
            refuses("normalise", kind, given, [&] { normalise(drawing); });
        };
        ask("a board of no size", {bad, 280, {stroke}});
        ask("a board of no size", {280, bad, {stroke}});
        ask("a pen of no size", {280, 280, {{stroke.points, bad, false}}});
        ask("an eraser of no size", {280, 280, {stroke, {stroke.points, bad, true}}});
    }
    const Drawing drawing{280, 280, {stroke}};
    for (const std::size_t size : {std::size_t{0}, std::size_t{4097}, ~std::size_t{0}}) {
        refuses("rasterise", "a size that no raster has", fmt::format("{}", size), [&] { rasterise(drawing, size); });
        refuses("rasterise a square", "a size that no raster has", fmt::format("{}", size),
                [&] { rasterise(drawing, 0, 0, 10, size); });
    }
    for (const float bad : {0.0F, -1.0F, std::nanf(""), INFINITY}) {
        refuses("rasterise a square", "a side that is none", fmt::format("{}", bad),
                [&] { rasterise(drawing, 0, 0, bad, 28); });
        if (bad == 0.0F || bad == -1.0F) continue;
        refuses("rasterise a square", "a corner that is nowhere", fmt::format("{}", bad),
                [&] { rasterise(drawing, bad, 0, 10, 28); });
    }
    for (const Shape& shape : {Shape{2, 28, 28, 1}, Shape{1, 28, 28, 3}, Shape{0, 28, 28, 1}, Shape{1, 0, 28, 1}}) {
        refuses("normalise a raster", "another shape", to_string(shape), [&] { normalise(zeros(shape)); });
    }
    for (const float bad : {std::nanf(""), INFINITY}) {
        refuses("normalise a raster", "ink that is no number", fmt::format("{}", bad),
                [&] { normalise(filled({1, 28, 28, 1}, bad)); });
    }
    for (const std::size_t index : {pen_digit_count(), ~std::size_t{0}}) {
        refuses("pen_digit", "an index that is not there", fmt::format("{}", index), [&] { pen_digit(index); });
    }
}
