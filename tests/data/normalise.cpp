#include "pellucid/data/normalise.hpp"

#include "support.hpp"

#include "pellucid/data/pen_digits.hpp"
#include "pellucid/random.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>

using namespace pellucid;
using namespace pellucid::test;

namespace {

/// The drawing on a board of another size, scaled and moved.
Drawing moved(const Drawing& drawing, float scale, float dx, float dy, float width, float height) {
    Drawing result{width, height, drawing.strokes};
    for (Stroke& stroke : result.strokes) {
        stroke.width *= scale;
        for (Point& point : stroke.points) point = {point.x * scale + dx, point.y * scale + dy, point.t_ms};
    }
    return result;
}

double ink(const Tensor& image) { return std::accumulate(image.begin(), image.end(), 0.0); }

double mean_difference(const Tensor& a, const Tensor& b) {
    double sum = 0.0;
    for (std::size_t i = 0; i < a.size(); ++i) sum += std::abs(static_cast<double>(a.data()[i]) - b.data()[i]);
    return sum / static_cast<double>(a.size());
}

void check_empty(const NormalisedDrawing& result) {
    CHECK(result.box.empty());
    CHECK(ink(result.raster) == 0.0);
    CHECK(ink(result.scaled) == 0.0);
    CHECK(result.image == zeros({1, 28, 28, 1}));
    CHECK(std::isfinite(result.scale));
    CHECK(std::isfinite(result.offset_x));
}

}  // namespace

TEST_CASE("normalise: place and size on the board do not matter") {
    for (std::size_t i = 0; i < 40; ++i) {
        CAPTURE(i);
        const Drawing drawing = pen_digit(i).drawing;
        const NormalisedDrawing original = normalise(drawing);
        // Into the upper left corner, which it nearly touches.
        const NormalisedDrawing shifted =
            normalise(moved(drawing, 1.0F, 0.37F - original.box.left, 0.81F - original.box.top, 280.0F, 280.0F));
        const NormalisedDrawing shrunk = normalise(moved(drawing, 0.31F, 7.0F, 11.0F, 300.0F, 150.0F));
        const NormalisedDrawing grown = normalise(moved(drawing, 3.7F, 0.0F, 0.0F, 1100.0F, 1100.0F));
        for (const NormalisedDrawing* other : {&shifted, &shrunk, &grown}) {
            CHECK(mean_difference(original.scaled, other->scaled) < 1e-3);
            // The shift is by whole pixels: a centre of mass just between two may round either way.
            CHECK(std::abs(original.row - other->row) <= 1);
            CHECK(std::abs(original.column - other->column) <= 1);
        }
    }
}

TEST_CASE("normalise: the ink's longer side takes 20 pixels, the centre of mass is at (14, 14)") {
    for (std::size_t i = 0; i < pen_digit_count(); i += 3) {
        CAPTURE(i);
        const Tensor image = normalise(pen_digit(i).drawing).image;
        double mass = 0.0;
        double rows = 0.0;
        double columns = 0.0;
        std::size_t box[4] = {28, 0, 28, 0};
        for (std::size_t r = 0; r < 28; ++r) {
            for (std::size_t c = 0; c < 28; ++c) {
                const double value = image(0, r, c, 0);
                CHECK(value >= 0.0);
                CHECK(value <= 1.0);
                mass += value;
                rows += value * static_cast<double>(r);
                columns += value * static_cast<double>(c);
                if (value > 0.0) {
                    box[0] = std::min(box[0], r);
                    box[1] = std::max(box[1], r + 1);
                    box[2] = std::min(box[2], c);
                    box[3] = std::max(box[3], c + 1);
                }
            }
        }
        CHECK(std::max(box[1] - box[0], box[3] - box[2]) == 20);
        CHECK(std::abs(rows / mass - 14.0) <= 0.5 + 1e-6);
        CHECK(std::abs(columns / mass - 14.0) <= 0.5 + 1e-6);
    }
}

TEST_CASE("normalise: the stages belong together") {
    const Drawing drawing = pen_digit(4).drawing;
    const NormalisedDrawing result = normalise(drawing);
    CHECK(result.raster.shape() == Shape{1, raster_size, raster_size, 1});
    CHECK(result.scaled.shape() == Shape{1, 20, 20, 1});
    CHECK(result.image.shape() == Shape{1, 28, 28, 1});
    CHECK(ink(result.scaled) == doctest::Approx(ink(result.raster) / 16.0).epsilon(1e-4));
    CHECK(ink(result.image) == doctest::Approx(ink(result.scaled)));
    CHECK(result.square.side == std::max(result.box.width(), result.box.height()));
    for (std::size_t r = 0; r < 20; ++r) {
        for (std::size_t c = 0; c < 20; ++c) {
            CHECK(result.image(0, r + static_cast<std::size_t>(result.row), c + static_cast<std::size_t>(result.column),
                               0) == result.scaled(0, r, c, 0));
        }
    }
    // Every pen point lies in ink where the transform says.
    for (const Stroke& stroke : drawing.strokes) {
        for (const Point& point : stroke.points) {
            const auto column = static_cast<std::size_t>(result.scale * point.x + result.offset_x);
            const auto row = static_cast<std::size_t>(result.scale * point.y + result.offset_y);
            CHECK(result.image(0, row, column, 0) > 0.3F);
        }
    }
}

TEST_CASE("normalise: without ink everything is paper") {
    check_empty(normalise(Drawing{100.0F, 60.0F, {}}));
    check_empty(normalise(Drawing{100.0F, 60.0F, {{{}, 5.0F, false}}}));
    check_empty(normalise(Drawing{100.0F, 60.0F, {{{{-50.0F, -50.0F, 0.0F}}, 5.0F, false}}}));
    const std::vector<Point> points = {{20.0F, 20.0F, 0.0F}, {70.0F, 40.0F, 0.0F}};
    check_empty(normalise(Drawing{100.0F, 60.0F, {{points, 5.0F, false}, {points, 9.0F, true}}}));
    // Both ends off the board, on the same side of a corner: a box, but no ink in it.
    check_empty(normalise(Drawing{100.0F, 100.0F, {{{{-30.0F, 10.0F, 0.0F}, {10.0F, -30.0F, 0.0F}}, 5.0F, false}}}));
}

TEST_CASE("normalise: a dot stays a dot") {
    const NormalisedDrawing dot = normalise(Drawing{280.0F, 280.0F, {{{{30.0F, 200.0F, 0.0F}}, 22.0F, false}}});
    // A third of 20 pixels wide: π/4 · (20/3)².
    CHECK(ink(dot.image) == doctest::Approx(34.9).epsilon(0.02));
    CHECK(dot.image(0, 14, 14, 0) == 1.0F);
    CHECK(dot.image(0, 14, 20, 0) == 0.0F);
}

TEST_CASE("normalise: a hairline comes out as thick as the thinnest stroke that a network knows") {
    // A line across, at any angle: its ink over its length is its thickness.
    for (const float width : {0.001F, 0.3F, 2.0F, 12.0F}) {
        for (const float rise : {0.0F, 60.0F, 160.0F}) {
            CAPTURE(width);
            CAPTURE(rise);
            const Stroke line{{{60.0F, 60.0F, 0.0F}, {220.0F, 60.0F + rise, 9.0F}}, width, false};
            const Drawing drawing{280.0F, 280.0F, {line}};
            const NormalisedDrawing result = normalise(drawing);
            const double length = std::hypot(160.0, rise) * result.scale;
            const double ends = std::numbers::pi / 4.0 * 1.75 * 1.75;
            CHECK(ink(result.image) == doctest::Approx(1.75 * length + ends).epsilon(0.02));
            // The longer side takes all twenty pixels, thickness included.
            CHECK(160.0 * result.scale + 1.75 == doctest::Approx(20.0).epsilon(1e-3));
        }
    }
    // A pen that is thick enough stays as it is.
    const NormalisedDrawing thick =
        normalise(Drawing{280.0F, 280.0F, {{{{60.0F, 60.0F, 0.0F}, {220.0F, 60.0F, 9.0F}}, 40.0F, false}}});
    CHECK(thick.square.side == 200.0F);
    const double area = 160.0 * 40.0 + std::numbers::pi * 400.0;
    CHECK(ink(thick.image) == doctest::Approx(area * thick.scale * thick.scale).epsilon(0.02));
}

TEST_CASE("normalise: thickening comes after erasing") {
    const Stroke upper{{{60.0F, 80.0F, 0.0F}, {220.0F, 80.0F, 9.0F}}, 1.0F, false};
    const Stroke lower{{{60.0F, 200.0F, 0.0F}, {220.0F, 200.0F, 9.0F}}, 1.0F, false};
    const auto image = [&](std::vector<Stroke> strokes) {
        return normalise(Drawing{280.0F, 280.0F, std::move(strokes)});
    };
    const NormalisedDrawing both = image({upper, lower});
    // An eraser of three units removes the hairline as a whole: nothing of its thick form is left.
    Stroke along = upper;
    along.width = 3.0F;
    along.eraser = true;
    CHECK(mean_difference(image({upper, lower, along}).scaled, image({lower}).scaled) < 2e-3);
    check_empty(image({upper, along}));
    // Beside the hairline it takes nothing, even where the thick stroke will be.
    Stroke beside = along;
    for (Point& point : beside.points) point.y += 5.0F;
    CHECK(mean_difference(image({upper, lower, beside}).scaled, both.scaled) < 1e-3);
    // Across it, a gap as wide as the eraser, less the round ends; what is drawn afterwards is not erased.
    const Stroke across{{{140.0F, 40.0F, 0.0F}, {140.0F, 120.0F, 9.0F}}, 60.0F, true};
    const NormalisedDrawing gap = image({upper, lower, across});
    const auto dark = [](const NormalisedDrawing& result, float x, float y) {
        return result.image(0, static_cast<std::size_t>(result.scale * y + result.offset_y),
                            static_cast<std::size_t>(result.scale * x + result.offset_x), 0);
    };
    CHECK(dark(gap, 140.0F, 80.0F) == 0.0F);
    CHECK(dark(gap, 80.0F, 80.0F) > 0.5F);
    CHECK(dark(gap, 140.0F, 200.0F) > 0.5F);
    CHECK(mean_difference(image({across, upper, lower}).scaled, both.scaled) < 1e-3);
    // A dot of a hairline.
    CHECK(ink(image({{{{70.0F, 70.0F, 0.0F}}, 0.01F, false}}).image) == doctest::Approx(34.9).epsilon(0.02));
}

TEST_CASE("normalise: erased ink does not count for the box") {
    const Stroke digit{{{100.0F, 80.0F, 0.0F}, {110.0F, 200.0F, 0.0F}}, 20.0F, false};
    const Stroke mistake{{{200.0F, 30.0F, 0.0F}, {260.0F, 60.0F, 0.0F}}, 20.0F, false};
    const Stroke eraser{{{195.0F, 28.0F, 0.0F}, {265.0F, 63.0F, 0.0F}}, 34.0F, true};
    const NormalisedDrawing clean = normalise(Drawing{280.0F, 280.0F, {digit}});
    const NormalisedDrawing erased = normalise(Drawing{280.0F, 280.0F, {digit, mistake, eraser}});
    CHECK(erased.box.left == doctest::Approx(clean.box.left).epsilon(0.01));
    CHECK(erased.box.bottom == doctest::Approx(clean.box.bottom).epsilon(0.01));
    CHECK(mean_difference(clean.image, erased.image) < 5e-3);
}

TEST_CASE("normalise: ink over the board's edge does not count for the box") {
    const Stroke inside{{{100.0F, 0.0F, 0.0F}, {100.0F, 150.0F, 0.0F}}, 20.0F, false};
    const Stroke outside{{{100.0F, -400.0F, 0.0F}, {100.0F, 150.0F, 0.0F}}, 20.0F, false};
    const NormalisedDrawing a = normalise(Drawing{280.0F, 280.0F, {inside}});
    const NormalisedDrawing b = normalise(Drawing{280.0F, 280.0F, {outside}});
    CHECK(b.box.top >= 0.0F);
    CHECK(mean_difference(a.image, b.image) < 5e-3);
}

TEST_CASE("normalise: lopsided ink is never cut off") {
    // Nearly all the ink in one corner, a speck in the other: the centre of mass is far from the box's.
    const Stroke heavy{
        {{40.0F, 40.0F, 0.0F}, {80.0F, 80.0F, 0.0F}, {40.0F, 80.0F, 0.0F}, {80.0F, 40.0F, 0.0F}}, 60.0F, false};
    const Stroke speck{{{260.0F, 260.0F, 0.0F}}, 2.0F, false};
    const NormalisedDrawing result = normalise(Drawing{280.0F, 280.0F, {heavy, speck}});
    CHECK(result.row == 8);
    CHECK(result.column == 8);
    CHECK(ink(result.image) == doctest::Approx(ink(result.scaled)));
}

TEST_CASE("normalise: from a raster as from the strokes") {
    for (std::size_t i = 0; i < 20; ++i) {
        CAPTURE(i);
        const Drawing drawing = pen_digit(i).drawing;
        const NormalisedDrawing strokes = normalise(drawing);
        const NormalisedDrawing raster = normalise(rasterise(drawing, 280));
        CHECK(raster.box.left == doctest::Approx(strokes.box.left).epsilon(0.02));
        CHECK(raster.box.bottom == doctest::Approx(strokes.box.bottom).epsilon(0.02));
        CHECK(mean_difference(strokes.scaled, raster.scaled) < 0.01);
    }
    check_empty(normalise(zeros({1, 30, 50, 1})));
    CHECK(ink(normalise(filled({1, 3, 3, 1}, 1.0F)).scaled) == doctest::Approx(400.0));
    check_fails(ErrorCode::bad_shape, {"(2, 28, 28, 1)"}, [] { normalise(zeros({2, 28, 28, 1})); });
    check_fails(ErrorCode::bad_shape, {"(1, 28, 28, 3)"}, [] { normalise(zeros({1, 28, 28, 3})); });
}

TEST_CASE("normalise: scribbles of any kind end in an image") {
    Random random(7);
    for (int round = 0; round < 200; ++round) {
        Drawing drawing{random.uniform(1.0F, 500.0F), random.uniform(1.0F, 500.0F), {}};
        const std::size_t strokes = random.below(5);
        for (std::size_t s = 0; s < strokes; ++s) {
            Stroke stroke{{}, random.uniform(0.01F, 80.0F), random.below(4) == 0};
            const std::size_t points = random.below(30);
            for (std::size_t p = 0; p < points; ++p) {
                const float reach = random.below(10) == 0 ? 1e20F : 600.0F;
                stroke.points.push_back({random.uniform(-reach, reach), random.uniform(-reach, reach), 0.0F});
            }
            drawing.strokes.push_back(stroke);
        }
        const NormalisedDrawing result = normalise(drawing);
        CHECK(std::ranges::all_of(result.image, [](float v) { return v >= 0.0F && v <= 1.0F; }));
    }
}
