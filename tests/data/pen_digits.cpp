#include "pellucid/data/pen_digits.hpp"

#include "support.hpp"

#include "pellucid/data/normalise.hpp"
#include "pellucid/data/pen_templates.hpp"

#include <array>
#include <cmath>
#include <cstring>
#include <numeric>

using namespace pellucid;
using namespace pellucid::test;

namespace {

/// FNV-1a over every number of a drawing, in sixteenths, which is how they are rounded.
std::uint32_t fingerprint(std::uint32_t hash, const PenDigit& digit) {
    const auto add = [&hash](float value) {
        const auto sixteenths = static_cast<std::uint32_t>(static_cast<std::int32_t>(value * 16.0F));
        for (int shift = 0; shift < 32; shift += 8) hash = (hash ^ ((sixteenths >> shift) & 0xffU)) * 16777619U;
    };
    add(static_cast<float>(digit.label));
    for (const Stroke& stroke : digit.drawing.strokes) {
        add(stroke.width);
        for (const Point& point : stroke.points) {
            add(point.x);
            add(point.y);
            add(point.t_ms);
        }
    }
    return hash;
}

}  // namespace

TEST_CASE("pen digits: as many of each, and the first ten are 0 to 9") {
    std::array<int, 10> counts{};
    for (std::size_t i = 0; i < pen_digit_count(); ++i) ++counts.at(static_cast<std::size_t>(pen_digit(i).label));
    for (const int count : counts) CHECK(count == static_cast<int>(pen_digit_count() / 10));
    for (std::size_t i = 0; i < 10; ++i) CHECK(pen_digit(i).label == static_cast<int>(i));
    check_fails(ErrorCode::bad_argument, {"300"}, [] { pen_digit(300); });
}

TEST_CASE("pen digits: every template is used, as often as it says") {
    std::array<int, 10> weights{};
    for (const PenTemplate& form : pen_templates()) weights.at(form.label) += form.weight;
    for (const int weight : weights) CHECK(weight == 30);
}

TEST_CASE("pen digits: the same on every platform, for ever") {
    std::uint32_t hash = 2166136261U;
    for (std::size_t i = 0; i < pen_digit_count(); ++i) hash = fingerprint(hash, pen_digit(i));
    // Goldens are computed on these drawings: a new value here means that they have to be made again.
    CHECK(hash == 1592479189U);
}

TEST_CASE("pen digits: strokes that a hand could have made") {
    for (std::size_t i = 0; i < pen_digit_count(); ++i) {
        CAPTURE(i);
        const Drawing drawing = pen_digit(i).drawing;
        CHECK(drawing.width == 280.0F);
        float before = -1.0F;
        for (const Stroke& stroke : drawing.strokes) {
            CHECK(stroke.points.size() >= 5);
            CHECK(stroke.points.size() <= 250);
            CHECK_FALSE(stroke.eraser);
            for (const Point& point : stroke.points) {
                // On the board with the whole width of the pen.
                CHECK(point.x >= stroke.width / 2.0F);
                CHECK(point.x <= drawing.width - stroke.width / 2.0F);
                CHECK(point.y >= stroke.width / 2.0F);
                CHECK(point.y <= drawing.height - stroke.width / 2.0F);
                CHECK(point.t_ms > before);
                before = point.t_ms;
            }
        }
        CHECK(before < 4000.0F);
    }
}

TEST_CASE("pen digits: ink like MNIST's") {
    double mean = 0.0;
    for (std::size_t i = 0; i < pen_digit_count(); ++i) {
        const Tensor image = normalise(pen_digit(i).drawing).image;
        const double ink = std::accumulate(image.begin(), image.end(), 0.0) / static_cast<double>(image.size());
        CAPTURE(i);
        CHECK(ink > 0.03);
        CHECK(ink < 0.30);
        mean += ink / static_cast<double>(pen_digit_count());
    }
    CHECK(mean == doctest::Approx(0.1307).epsilon(0.05));
}
