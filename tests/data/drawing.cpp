#include "pellucid/data/drawing.hpp"

#include "support.hpp"

#include <cmath>
#include <limits>
#include <numbers>
#include <numeric>

using namespace pellucid;
using namespace pellucid::test;

namespace {

constexpr float not_a_number = std::numeric_limits<float>::quiet_NaN();
constexpr float infinity = std::numeric_limits<float>::infinity();

Drawing board(std::vector<Stroke> strokes) { return {100.0F, 100.0F, std::move(strokes)}; }

Stroke line(float x0, float y0, float x1, float y1, float width, bool eraser = false) {
    return {{{x0, y0, 0.0F}, {x1, y1, 10.0F}}, width, eraser};
}

double ink(const Tensor& raster) { return std::accumulate(raster.begin(), raster.end(), 0.0); }

}  // namespace

TEST_CASE("raster: a straight stroke covers its length times its width, and its round ends") {
    constexpr double pi = std::numbers::pi;
    for (const std::size_t size : {50, 100, 200, 400}) {
        const double scale = static_cast<double>(size) / 100.0;
        const double area = (60.0 * 8.0 + pi * 16.0) * scale * scale;
        CAPTURE(size);
        CHECK(ink(rasterise(board({line(20, 50, 80, 50, 8)}), size)) == doctest::Approx(area).epsilon(0.01));
        // The same in any direction and between pixels.
        CHECK(ink(rasterise(board({line(20.3F, 20.7F, 62.73F, 63.13F, 8)}), size)) ==
              doctest::Approx(area).epsilon(0.01));
    }
}

TEST_CASE("raster: straight edges are exact to a part of a pixel") {
    const Tensor raster = rasterise(board({line(-50, 50.25F, 150, 50.25F, 2.5F)}), 100);  // from 49 to 51.5
    CHECK(raster(0, 48, 50, 0) == 0.0F);
    CHECK(raster(0, 49, 50, 0) == 1.0F);
    CHECK(raster(0, 50, 50, 0) == 1.0F);
    CHECK(raster(0, 51, 50, 0) == doctest::Approx(0.5));
    CHECK(raster(0, 52, 50, 0) == 0.0F);
}

TEST_CASE("raster: a dot is a disc, however it is given") {
    const double area = std::numbers::pi * 25.0;
    const Tensor one = rasterise(board({{{{50, 50, 0}}, 10, false}}), 100);
    CHECK(ink(one) == doctest::Approx(area).epsilon(0.01));
    CHECK(rasterise(board({{{{50, 50, 0}, {50, 50, 5}, {50, 50, 9}}, 10, false}}), 100) == one);
    CHECK(one(0, 50, 50, 0) == 1.0F);
    CHECK(one(0, 50, 60, 0) == 0.0F);
}

TEST_CASE("raster: a pen thinner than a pixel leaves as much ink as it covers") {
    CHECK(ink(rasterise(board({line(10, 50.5F, 90, 50.5F, 0.25F)}), 100)) ==
          doctest::Approx(80.0 * 0.25).epsilon(0.02));
}

TEST_CASE("raster: many points on a line are the line") {
    Stroke stroke{{}, 6, false};
    for (int i = 0; i <= 1000; ++i)
        stroke.points.push_back({20.0F + 0.06F * static_cast<float>(i), 30.0F + 0.03F * static_cast<float>(i), 0.0F});
    const Tensor dense = rasterise(board({stroke}), 100);
    const Tensor plain = rasterise(board({line(20, 30, 80, 60, 6)}), 100);
    for (std::size_t i = 0; i < dense.size(); ++i) CHECK(std::abs(dense.data()[i] - plain.data()[i]) < 0.01F);
}

TEST_CASE("raster: drawing on never takes ink away, erasing never adds any") {
    Drawing drawing = board({line(20, 20, 80, 80, 9)});
    const Tensor before = rasterise(drawing, 60);
    drawing.strokes.push_back(line(20, 80, 80, 20, 9));
    const Tensor more = rasterise(drawing, 60);
    drawing.strokes.push_back(line(10, 50, 90, 50, 20, true));
    const Tensor less = rasterise(drawing, 60);
    for (std::size_t i = 0; i < more.size(); ++i) {
        CHECK(more.data()[i] >= before.data()[i]);
        CHECK(less.data()[i] <= more.data()[i]);
    }
    CHECK(less(0, 30, 30, 0) == 0.0F);
    CHECK(less(0, 13, 13, 0) == more(0, 13, 13, 0));
    drawing.strokes.push_back(line(45, 50, 55, 50, 4));  // what comes after an eraser is not erased
    CHECK(rasterise(drawing, 60)(0, 30, 30, 0) == 1.0F);
}

TEST_CASE("raster: erasing along the stroke with a wider eraser removes it all") {
    CHECK(ink(rasterise(board({line(20, 20, 80, 60, 8), line(20, 20, 80, 60, 12, true)}), 100)) == 0.0);
    CHECK(ink(rasterise(board({line(20, 20, 80, 60, 8, true)}), 100)) == 0.0);
}

TEST_CASE("raster: ink ends at the board's edge, far points do no harm") {
    const Tensor whole = rasterise(board({line(-200, 50, 300, 50, 10)}), 100);
    CHECK(ink(whole) == doctest::Approx(1000.0).epsilon(0.001));
    CHECK(rasterise(board({line(-1e30F, 50, 1e30F, 50, 10)}), 100) == whole);
    CHECK(ink(rasterise(board({line(-200, -50, 300, -50, 10)}), 100)) == 0.0);
    // A part of the board that reaches over its edge: nothing is there.
    const Tensor corner = rasterise(board({line(-20, -20, 20, 20, 10)}), -10.0F, -10.0F, 40.0F, 40);
    CHECK(corner(0, 9, 9, 0) == 0.0F);
    CHECK(corner(0, 10, 10, 0) == 1.0F);
}

TEST_CASE("raster: a board that is not square keeps its aspect") {
    const Drawing wide{200.0F, 100.0F, {line(0, 50, 200, 50, 10)}};
    const Tensor raster = rasterise(wide, 80);
    CHECK(raster.shape() == Shape{1, 40, 80, 1});
    CHECK(ink(raster) == doctest::Approx(80.0 * 4.0).epsilon(0.001));
    CHECK(rasterise(Drawing{1000.0F, 1.0F, {}}, 10).shape() == Shape{1, 1, 10, 1});
}

TEST_CASE("drawing: bounds are those of the pen with its width, on the board") {
    const Box box = stroke_bounds(board({line(20, 30, 60, 70, 10), line(0, 0, 100, 100, 5, true)}));
    CHECK(box.left == 15.0F);
    CHECK(box.top == 25.0F);
    CHECK(box.right == 65.0F);
    CHECK(box.bottom == 75.0F);
    CHECK(stroke_bounds(board({line(-50, 20, 150, 20, 10)})).width() == 100.0F);
    CHECK(stroke_bounds(board({})).empty());
    CHECK(stroke_bounds(board({{{}, 5, false}})).empty());
    CHECK(stroke_bounds(board({line(-50, -50, -20, -20, 5)})).empty());
}

TEST_CASE("drawing: impossible boards, pens and sizes are refused") {
    const auto fails = [](const Drawing& drawing, std::initializer_list<std::string_view> words) {
        check_fails(ErrorCode::bad_argument, words, [&] { rasterise(drawing, 20); });
        check_fails(ErrorCode::bad_argument, words, [&] { stroke_bounds(drawing); });
    };
    fails({0.0F, 10.0F, {}}, {"board", "0 × 10"});
    fails({10.0F, not_a_number, {}}, {"board", "nan"});
    fails({infinity, 10.0F, {}}, {"board", "inf"});
    fails(board({line(0, 0, 1, 1, 5), line(0, 0, 1, 1, 0)}), {"stroke 1", "width 0"});
    fails(board({line(0, 0, 1, 1, -1)}), {"stroke 0", "-1"});
    fails(board({line(0, 0, 1, 1, not_a_number)}), {"stroke 0", "nan"});
    // A point that is no place: it used to be skipped, and the stroke then ran straight across the gap.
    fails(board({line(0, 0, 1, 1, 5), {{{50, 50, 0}, {not_a_number, 50, 5}}, 10, false}}),
          {"point 1 of stroke 1", "nan"});
    fails(board({{{{50, infinity, 0}}, 10, true}}), {"point 0 of stroke 0", "inf"});
    check_fails(ErrorCode::bad_argument, {"0 pixels", "4096"}, [] { rasterise(board({}), 0); });
    check_fails(ErrorCode::bad_argument, {"5000"}, [] { rasterise(board({}), 5000); });
    check_fails(ErrorCode::bad_argument, {"side 0"}, [] { rasterise(board({}), 0.0F, 0.0F, 0.0F, 20); });
}
