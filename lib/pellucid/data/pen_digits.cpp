#include "pellucid/data/pen_digits.hpp"

#include "pellucid/data/pen_templates.hpp"
#include "pellucid/error.hpp"
#include "pellucid/random.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

// Everything here is double, and made of + − × ÷ and sqrt, which every platform rounds alike; sin, log or pow would
// differ in their last bits between C libraries, and so would the digits.

namespace pellucid {
namespace {

constexpr std::size_t variants = 30;
constexpr double board = 280.0;
constexpr double sample_ms = 10.0;

struct Vec {
    double x = 0.0;
    double y = 0.0;
};

Vec operator+(Vec a, Vec b) { return {a.x + b.x, a.y + b.y}; }
Vec operator-(Vec a, Vec b) { return {a.x - b.x, a.y - b.y}; }
Vec operator*(double s, Vec a) { return {s * a.x, s * a.y}; }
double length(Vec a) { return std::sqrt(a.x * a.x + a.y * a.y); }

/// About normal, mean 0, standard deviation 1, never beyond ±3.5: a sum of four uniforms. No logarithm needed.
double spread(Random& random) {
    double sum = -2.0;
    for (int i = 0; i < 4; ++i) sum += static_cast<double>(random.uniform());
    return std::numbers::sqrt3 * sum;
}

double uniform(Random& random, double low, double high) {
    return low + (high - low) * static_cast<double>(random.uniform());
}

/// One hand's way: maps a template's coordinates to the board.
class Hand {
public:
    explicit Hand(Random& random) {
        for (double& c : warp_) c = 2.7 * spread(random);
        aspect_ = uniform(random, 0.92, 1.34);
        slant_ = 0.10 + 0.13 * spread(random);
        turn_ = 0.035 * spread(random);
        size_ = uniform(random, 0.50, 0.74) * board / 100.0;
        centre_ = {board * (0.5 + 0.045 * spread(random)), board * (0.5 + 0.03 * spread(random))};
    }

    Vec operator()(Vec p) const {
        const double u = (p.x - 30.0) / 50.0;
        const double v = (p.y - 50.0) / 50.0;
        // Smooth and slow: bends and widens the digit as a whole.
        const double x =
            aspect_ * (50.0 * u + warp_[0] * v * v + warp_[1] * u * v + warp_[2] * u * u + 0.7 * warp_[3] * v * v * v);
        const double y = 50.0 * v + warp_[4] * u * v + warp_[5] * u * u + 0.7 * warp_[6] * v * v;
        const double leaning = x - slant_ * y;
        // A rotation by 2·atan(turn / 2), written without sin and cos.
        const double t = 0.5 * turn_;
        const double cosine = (1.0 - t * t) / (1.0 + t * t);
        const double sine = 2.0 * t / (1.0 + t * t);
        return centre_ + size_ * Vec{cosine * leaning - sine * y, sine * leaning + cosine * y};
    }

private:
    double warp_[7] = {};
    double aspect_ = 1.0;
    double slant_ = 0.0;
    double turn_ = 0.0;
    double size_ = 1.0;
    Vec centre_;
};

struct Control {
    Vec at;
    bool corner = false;
};

/// Centripetal Catmull–Rom between b and c, at part t of the way, by Barry and Goldman's pyramid.
Vec catmull_rom(Vec a, Vec b, Vec c, Vec d, double t) {
    const auto knot = [](Vec p, Vec q) { return std::max(std::sqrt(length(q - p)), 1e-6); };
    const double t1 = knot(a, b);
    const double t2 = t1 + knot(b, c);
    const double t3 = t2 + knot(c, d);
    const double s = t1 + t * (t2 - t1);
    const auto mix = [s](Vec p, double from, Vec q, double to) {
        return 1.0 / (to - from) * ((to - s) * p + (s - from) * q);
    };
    const Vec ab = mix(a, 0.0, b, t1);
    const Vec bc = mix(b, t1, c, t2);
    const Vec cd = mix(c, t2, d, t3);
    return mix(mix(ab, 0.0, bc, t2), t1, mix(bc, t1, cd, t3), t2);
}

constexpr std::size_t pieces = 16;  // of a traced line between two controls

/// Rounds what is still angular, as a moving hand does; ends and corners stay where they are.
void soften(std::vector<Vec>& line, const std::vector<Control>& controls) {
    for (int pass = 0; pass < 30; ++pass) {
        Vec before = line.front();
        for (std::size_t i = 1; i + 1 < line.size(); ++i) {
            const Vec here = line[i];
            const bool fixed = i % pieces == 0 && controls[i / pieces].corner;
            if (!fixed) line[i] = 0.25 * (before + line[i + 1]) + 0.5 * here;
            before = here;
        }
    }
}

/// The curve through the controls as a fine polyline; at ends and corners the missing neighbour is mirrored.
std::vector<Vec> trace(const std::vector<Control>& controls) {
    std::vector<Vec> line = {controls.front().at};
    for (std::size_t i = 0; i + 1 < controls.size(); ++i) {
        const Vec b = controls[i].at;
        const Vec c = controls[i + 1].at;
        const Vec a = i > 0 && !controls[i].corner ? controls[i - 1].at : 2.0 * b - c;
        const Vec d = i + 2 < controls.size() && !controls[i + 1].corner ? controls[i + 2].at : 2.0 * c - b;
        for (std::size_t k = 1; k <= pieces; ++k) {
            line.push_back(catmull_rom(a, b, c, d, static_cast<double>(k) / static_cast<double>(pieces)));
        }
    }
    soften(line, controls);
    return line;
}

/// How fast the pen is at each point of the line, 0.25 … 1 of its full speed: slow at the ends and where the line
/// bends.
std::vector<double> pace(const std::vector<Vec>& line) {
    constexpr double window = 0.06 * board;  // what a hand sees of the way before and behind it
    std::vector<double> along(line.size(), 0.0);
    for (std::size_t i = 1; i < line.size(); ++i) along[i] = along[i - 1] + length(line[i] - line[i - 1]);
    std::vector<double> speed(line.size());
    for (std::size_t i = 0; i < line.size(); ++i) {
        std::size_t before = i;
        std::size_t behind = i;
        while (before > 0 && along[i] - along[before] < window) --before;
        while (behind + 1 < line.size() && along[behind] - along[i] < window) ++behind;
        const Vec in = line[i] - line[before];
        const Vec out = line[behind] - line[i];
        const double lengths = length(in) * length(out);
        const double straight = lengths > 0.0 ? std::max(0.0, (in.x * out.x + in.y * out.y) / lengths) : 0.0;
        const double from_end = std::min(1.0, std::min(along[i], along.back() - along[i]) / (2.0 * window));
        speed[i] = 0.25 + 0.75 * straight * straight * from_end;
    }
    return speed;
}

/// Sixteenths of a board unit: as fine as any pointer, and no last bits to differ in.
float rounded(double value) { return static_cast<float>(std::floor(value * 16.0 + 0.5) / 16.0); }

/// Walks along the line at its pace and notes where the pen is every 10 ms from `start_ms`.
Stroke write(const std::vector<Vec>& line, double units_per_ms, double start_ms, double width) {
    const std::vector<double> speed = pace(line);
    Stroke stroke;
    stroke.width = rounded(width);
    const auto note = [&](Vec p, double ms) {
        stroke.points.push_back({rounded(p.x), rounded(p.y), rounded(start_ms + ms)});
    };
    note(line.front(), 0.0);
    double ms = 0.0;
    double next = sample_ms;
    for (std::size_t i = 1; i < line.size(); ++i) {
        const double takes = length(line[i] - line[i - 1]) / (0.5 * (speed[i] + speed[i - 1]) * units_per_ms);
        for (; next <= ms + takes && takes > 0.0; next += sample_ms) {
            note(line[i - 1] + (next - ms) / takes * (line[i] - line[i - 1]), next);
        }
        ms += takes;
    }
    // The last note may fall together with the end.
    if (ms - (next - sample_ms) < 1.0 && stroke.points.size() > 1) stroke.points.pop_back();
    note(line.back(), ms);
    return stroke;
}

/// The template of a variant: each is used as often as its weight says, spread evenly over the variants.
const PenTemplate& choose(int label, std::size_t variant) {
    std::size_t place = (variant * 7 + static_cast<std::size_t>(label) * 3) % variants;  // 7 and 30 share no factor
    const PenTemplate* chosen = nullptr;
    for (const PenTemplate& candidate : pen_templates()) {
        if (candidate.label != label) continue;
        chosen = &candidate;
        if (place < candidate.weight) break;
        place -= candidate.weight;
    }
    return *chosen;
}

}  // namespace

std::size_t pen_digit_count() noexcept { return 10 * variants; }

PenDigit pen_digit(std::size_t index) {
    if (index >= pen_digit_count()) {
        fail(ErrorCode::bad_argument, "there is no pen digit {}: there are {}, counted from 0", index,
             pen_digit_count());
    }
    const int label = static_cast<int>(index % 10);
    const PenTemplate& form = choose(label, index / 10);
    Random random(static_cast<std::uint32_t>(7919 * index + 1));
    const Hand hand(random);
    const double width = uniform(random, 0.072, 0.104) * board;
    const double speed = uniform(random, 0.45, 0.85) * board / 300.0;  // board units per ms: 1.5 to 2.8 boards a second

    PenDigit digit{label, {static_cast<float>(board), static_cast<float>(board), {}}};
    double clock = 0.0;
    for (std::size_t begin = 0; begin < form.points.size();) {
        std::size_t end = begin + 1;
        while (end < form.points.size() && form.points[end].knot != Knot::start) ++end;
        std::vector<Control> controls;
        for (std::size_t i = begin; i < end; ++i) {
            const ControlPoint& point = form.points[i];
            // Hands differ most in where a stroke begins and ends.
            const double jitter = i == begin || i + 1 == end ? 2.6 : 1.5;
            const double dx = jitter * spread(random);
            const double dy = jitter * spread(random);
            controls.push_back({hand({point.x + dx, point.y + dy}), point.knot == Knot::corner});
        }
        digit.drawing.strokes.push_back(write(trace(controls), speed, clock, width));
        clock = static_cast<double>(digit.drawing.strokes.back().points.back().t_ms) + uniform(random, 120.0, 240.0);
        begin = end;
    }
    return digit;
}

}  // namespace pellucid
