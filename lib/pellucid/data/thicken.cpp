#include "pellucid/data/thicken.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

namespace pellucid {
namespace {

/// A part of a segment, as shares of its length; empty where to < from.
struct Span {
    float from = 1.0F;
    float to = 0.0F;
};

struct Vector {
    float x;
    float y;
};

Vector between(const Point& a, const Point& b) { return {b.x - a.x, b.y - a.y}; }
float dot(Vector a, Vector b) { return a.x * b.x + a.y * b.y; }

/// Where low ≤ start + t · slope ≤ high.
Span slab(float at, float slope, float low, float high) {
    if (slope == 0.0F) return at >= low && at <= high ? Span{0.0F, 1.0F} : Span{};
    const float a = (low - at) / slope;
    const float b = (high - at) / slope;
    return {std::min(a, b), std::max(a, b)};
}

/// Where the segment from `a` along `d` lies in the disc around `centre`.
Span in_disc(const Point& a, Vector d, const Point& centre, float r) {
    const Vector off = between(centre, a);
    const float square = dot(d, d);
    if (square == 0.0F) return dot(off, off) <= r * r ? Span{0.0F, 1.0F} : Span{};
    const float middle = -dot(off, d) / square;
    const float distance = (off.x * d.y - off.y * d.x) * (off.x * d.y - off.y * d.x) / square;
    if (distance > r * r) return {};
    const float half = std::sqrt((r * r - distance) / square);
    return {middle - half, middle + half};
}

/// Where the segment from `a` along `d` lies in the capsule from c to e: two discs and the rectangle between them. The
/// capsule is convex, so the three make one span.
Span in_capsule(const Point& a, Vector d, const Point& c, const Point& e, float r) {
    Span span = in_disc(a, d, c, r);
    const auto join = [&span](Span other) {
        if (other.to < other.from) return;
        span = span.to < span.from ? other : Span{std::min(span.from, other.from), std::max(span.to, other.to)};
    };
    join(in_disc(a, d, e, r));
    const Vector axis = between(c, e);
    const float length = std::sqrt(dot(axis, axis));
    if (length > 0.0F) {
        const Vector along{axis.x / length, axis.y / length};
        const Vector across{-along.y, along.x};
        const Vector off = between(c, a);
        const Span one = slab(dot(off, along), dot(d, along), 0.0F, length);
        const Span two = slab(dot(off, across), dot(d, across), -r, r);
        join({std::max(one.from, two.from), std::min(one.to, two.to)});
    }
    return {std::max(span.from, 0.0F), std::min(span.to, 1.0F)};
}

/// What the erasers after stroke `index` have taken of the segment from a to b, in order.
std::vector<Span> erased(const Drawing& drawing, std::size_t index, const Point& a, const Point& b) {
    std::vector<Span> spans;
    for (std::size_t i = index + 1; i < drawing.strokes.size(); ++i) {
        const Stroke& eraser = drawing.strokes[i];
        if (!eraser.eraser) continue;
        const float r = 0.5F * eraser.width;
        for (std::size_t p = 0; p < eraser.points.size(); ++p) {
            const Point& c = eraser.points[p > 0 ? p - 1 : 0];
            const Point& e = eraser.points[p];
            if (std::min(c.x, e.x) - r > std::max(a.x, b.x) || std::max(c.x, e.x) + r < std::min(a.x, b.x) ||
                std::min(c.y, e.y) - r > std::max(a.y, b.y) || std::max(c.y, e.y) + r < std::min(a.y, b.y)) {
                continue;
            }
            const Span span = in_capsule(a, between(a, b), c, e, r);
            if (span.to >= span.from) spans.push_back(span);
        }
    }
    std::ranges::sort(spans, {}, &Span::from);
    return spans;
}

/// What is left of the stroke, as strokes of the width `least`.
void lay_rest(const Drawing& drawing, std::size_t index, float least, std::vector<Stroke>& out) {
    // Far outside is far outside, as for the raster: keeps squared distances finite.
    const auto near = [&drawing](Point p) {
        return Point{std::clamp(p.x, -16.0F * drawing.width, 16.0F * drawing.width),
                     std::clamp(p.y, -16.0F * drawing.height, 16.0F * drawing.height), p.t_ms};
    };
    const std::vector<Point>& points = drawing.strokes[index].points;
    Stroke piece{{}, least, false};
    const auto end_piece = [&] {
        if (!piece.points.empty()) out.push_back(piece);
        piece.points.clear();
    };
    const auto lay = [&piece](const Point& a, const Point& b, float from, float to) {
        const auto at = [&](float t) {
            return Point{a.x + t * (b.x - a.x), a.y + t * (b.y - a.y), a.t_ms + t * (b.t_ms - a.t_ms)};
        };
        if (piece.points.empty()) piece.points.push_back(at(from));
        piece.points.push_back(at(to));
    };
    for (std::size_t p = points.size() > 1 ? 1 : 0; p < points.size(); ++p) {
        const Point a = near(points[p > 0 ? p - 1 : 0]);
        const Point b = near(points[p]);
        float reached = 0.0F;
        for (const Span& span : erased(drawing, index, a, b)) {
            if (span.from > reached) lay(a, b, reached, span.from);
            end_piece();
            reached = std::max(reached, span.to);
        }
        if (reached < 1.0F) lay(a, b, reached, 1.0F);
    }
    end_piece();
}

}  // namespace

bool has_thinner(const Drawing& drawing, float least) {
    return std::ranges::any_of(drawing.strokes,
                               [least](const Stroke& stroke) { return !stroke.eraser && stroke.width < least; });
}

Drawing thickened(const Drawing& drawing, float least) {
    Drawing result{drawing.width, drawing.height, {}};
    std::vector<Stroke> thin;
    for (std::size_t i = 0; i < drawing.strokes.size(); ++i) {
        const Stroke& stroke = drawing.strokes[i];
        if (stroke.eraser || stroke.width >= least) {
            result.strokes.push_back(stroke);
        } else {
            lay_rest(drawing, i, least, thin);
        }
    }
    result.strokes.insert(result.strokes.end(), thin.begin(), thin.end());
    return result;
}

}  // namespace pellucid
