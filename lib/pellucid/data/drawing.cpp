// Strokes → coverage. A stroke is the union of the capsules (segments with round ends) between its points; the coverage
// of a pixel falls linearly from 1 to 0 over one pixel around the capsule's edge, by the distance of the pixel's
// centre:
//   coverage = clamp(r + ½ − distance, 0, min(1, 2r)),
// which is the exact area for straight edges along the axes. Pen strokes take the maximum, erasers the minimum with
// 1 − coverage, so overlapping capsules of one stroke leave no seams and no buffer per stroke is needed.
//
// Points are joined by straight segments on purpose: a curve through them would have to guess the next point, so the
// ink would move while it is drawn, and at pointer rates the chord differs from the arc by less than 0.05 pixels of
// 28×28.

#include "pellucid/data/drawing.hpp"

#include "pellucid/error.hpp"

#include <algorithm>
#include <cmath>

namespace pellucid {
namespace {

struct Position {
    float x;
    float y;
};

/// What part of the board the raster shows, and which of its pixels lie on the board.
struct View {
    float left;
    float top;
    float scale;  // pixels per board unit
    int first_row, end_row;
    int first_column, end_column;
};

View make_view(const Drawing& drawing, float left, float top, float scale, std::size_t rows, std::size_t columns) {
    // A pixel belongs to the board where its centre does.
    const auto limit = [scale](float edge, float origin, std::size_t size) {
        const float pixels = std::ceil((edge - origin) * scale - 0.5F);
        return static_cast<int>(std::clamp(pixels, 0.0F, static_cast<float>(size)));
    };
    return {left,
            top,
            scale,
            limit(0.0F, top, rows),
            limit(drawing.height, top, rows),
            limit(0.0F, left, columns),
            limit(drawing.width, left, columns)};
}

/// Lays one capsule from a to b, radius r, all in pixels.
template <bool eraser>
void lay_capsule(Tensor& raster, const View& view, Position a, Position b, float r) {
    const float reach = r + 0.5F;
    const float peak = std::min(1.0F, 2.0F * r);
    // Clamped as floats: a far point would not fit an int.
    const auto pixel = [](float p, int least, int most) {
        return static_cast<int>(std::clamp(p, static_cast<float>(least), static_cast<float>(most)));
    };
    const int first_row = pixel(std::floor(std::min(a.y, b.y) - reach), view.first_row, view.end_row);
    const int end_row = pixel(std::ceil(std::max(a.y, b.y) + reach), view.first_row, view.end_row);
    const int first_column = pixel(std::floor(std::min(a.x, b.x) - reach), view.first_column, view.end_column);
    const int end_column = pixel(std::ceil(std::max(a.x, b.x) + reach), view.first_column, view.end_column);

    const float dx = b.x - a.x;
    const float dy = b.y - a.y;
    const float squared = dx * dx + dy * dy;
    const float inverse = squared > 0.0F ? 1.0F / squared : 0.0F;
    const std::size_t columns = raster.shape()[2];
    for (int row = first_row; row < end_row; ++row) {
        float* out = raster.data() + static_cast<std::size_t>(row) * columns;
        const float py = static_cast<float>(row) + 0.5F - a.y;
        for (int column = first_column; column < end_column; ++column) {
            const float px = static_cast<float>(column) + 0.5F - a.x;
            // t: where along the segment the nearest point lies.
            const float t = std::min(std::max((px * dx + py * dy) * inverse, 0.0F), 1.0F);
            const float ex = px - t * dx;
            const float ey = py - t * dy;
            const float coverage = std::min(std::max(reach - std::sqrt(ex * ex + ey * ey), 0.0F), peak);
            out[column] = eraser ? std::min(out[column], 1.0F - coverage) : std::max(out[column], coverage);
        }
    }
}

template <bool eraser>
void lay_stroke(Tensor& raster, const View& view, const Drawing& drawing, const Stroke& stroke) {
    // Points closer than this, in pixels, to the last one change nothing that can be seen, but cost a capsule each.
    constexpr float step = 0.25F;
    const float radius = 0.5F * stroke.width * view.scale;
    // Far outside is far outside: keeps squared distances finite.
    const float far_x = 16.0F * drawing.width;
    const float far_y = 16.0F * drawing.height;

    bool started = false;
    bool pending = false;  // `now` was left out so far
    Position last{};
    Position now{};
    for (const Point& point : stroke.points) {
        now = {(std::clamp(point.x, -far_x, far_x) - view.left) * view.scale,
               (std::clamp(point.y, -far_y, far_y) - view.top) * view.scale};
        if (!started) {
            lay_capsule<eraser>(raster, view, now, now, radius);
            started = true;
            last = now;
            continue;
        }
        pending = std::abs(now.x - last.x) < step && std::abs(now.y - last.y) < step;
        if (pending) continue;
        lay_capsule<eraser>(raster, view, last, now, radius);
        last = now;
    }
    if (pending) lay_capsule<eraser>(raster, view, last, now, radius);
}

// Also false for NaN.
bool is_length(float value) { return value >= least_length && value <= greatest_length; }

void check(const Drawing& drawing) {
    if (!is_length(drawing.width) || !is_length(drawing.height)) {
        fail(ErrorCode::bad_argument, "a board of {} × {} cannot be drawn on: both must lie in {} to {}", drawing.width,
             drawing.height, least_length, greatest_length);
    }
    for (std::size_t i = 0; i < drawing.strokes.size(); ++i) {
        const float width = drawing.strokes[i].width;
        if (!is_length(width)) {
            fail(ErrorCode::bad_argument, "stroke {} has the width {}: it must lie in {} to {}", i, width, least_length,
                 greatest_length);
        }
        const std::vector<Point>& points = drawing.strokes[i].points;
        const auto wrong = std::ranges::find_if(
            points, [](const Point& point) { return !std::isfinite(point.x) || !std::isfinite(point.y); });
        if (wrong != points.end()) {
            fail(ErrorCode::bad_argument, "point {} of stroke {} lies at ({}, {}): both must be finite numbers",
                 wrong - points.begin(), i, wrong->x, wrong->y);
        }
    }
}

Tensor rasterise(const Drawing& drawing, float left, float top, float scale, std::size_t rows, std::size_t columns) {
    Tensor raster = zeros({1, rows, columns, 1});
    const View view = make_view(drawing, left, top, scale, rows, columns);
    for (const Stroke& stroke : drawing.strokes) {
        if (stroke.eraser) {
            lay_stroke<true>(raster, view, drawing, stroke);
        } else {
            lay_stroke<false>(raster, view, drawing, stroke);
        }
    }
    return raster;
}

void check_size(std::size_t size) {
    if (size < 1 || size > 4096)
        fail(ErrorCode::bad_argument, "a raster of {} pixels was asked for; 1 to 4096 are possible", size);
}

}  // namespace

Box stroke_bounds(const Drawing& drawing) {
    check(drawing);
    bool any = false;
    Box box;
    for (const Stroke& stroke : drawing.strokes) {
        if (stroke.eraser) continue;
        const float r = 0.5F * stroke.width;
        for (const Point& p : stroke.points) {
            if (!any) box = {p.x - r, p.y - r, p.x + r, p.y + r};
            any = true;
            box = {std::min(box.left, p.x - r), std::min(box.top, p.y - r), std::max(box.right, p.x + r),
                   std::max(box.bottom, p.y + r)};
        }
    }
    return {std::max(box.left, 0.0F), std::max(box.top, 0.0F), std::min(box.right, drawing.width),
            std::min(box.bottom, drawing.height)};
}

Tensor rasterise(const Drawing& drawing, std::size_t size) {
    check(drawing);
    check_size(size);
    const float scale = static_cast<float>(size) / std::max(drawing.width, drawing.height);
    const auto pixels = [scale](float length) {
        return std::max<std::size_t>(1, static_cast<std::size_t>(std::lround(length * scale)));
    };
    return rasterise(drawing, 0.0F, 0.0F, scale, pixels(drawing.height), pixels(drawing.width));
}

Tensor rasterise(const Drawing& drawing, float left, float top, float side, std::size_t size) {
    check(drawing);
    check_size(size);
    if (!(side >= least_length) || !std::isfinite(side) || !std::isfinite(left) || !std::isfinite(top)) {
        fail(ErrorCode::bad_argument, "the square at ({}, {}) with side {} cannot be shown", left, top, side);
    }
    return rasterise(drawing, left, top, static_cast<float>(size) / side, size, size);
}

}  // namespace pellucid
