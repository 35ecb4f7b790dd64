/// concentration: what happens to points drawn evenly from the unit ball when the dimension d grows; by closed form,
/// and by drawing N points in each dimension. Why nearly every drawing is near a boundary of decisions when there are
/// 784 pixels.
///
/// Outputs, each with its closed form:
/// - near_boundary: share of the ball's volume within `shell` of its surface: 1 − (1 − shell)^d
/// - spread: standard deviation over mean of the squared distance of two points: √V/M, where M = 2m,
///   V = 2q + (4/d − 2)·m², m = d/(d + 2), q = d/(d + 4)
/// - boundary_first: share of points that are nearer to the surface than to any other of the N:
///   ∫₀¹ (1 − (1 − u^(1/d))^d)^(N−1) du
///
/// The last holds because a ball around a point that just reaches the surface lies in the unit ball whole; u is the
/// share of the volume that is nearer to the centre than the point. Each output has a twin, `_sampled`, that counts
/// drawn points.
/// Shapes: series over the dimensions 1, 2, 4, …, `dimensions`, the same for every input. Parameters: below. Cost: no
/// pass of the network but for the target's value; N·d normal numbers and N²·d/2 multiplications in dimension d. One
/// part per dimension. Hastie, Tibshirani, Friedman, section 2.5; they take the median of the nearest point where this
/// counts.
#include "pellucid/error.hpp"
#include "pellucid/methods/method.hpp"
#include "pellucid/random.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace pellucid::methods {

namespace {

struct ConcentrationParams {
    std::size_t dimensions = 1024;
    std::size_t points = 200;
    double shell = 0.1;
    std::uint32_t seed = 0;
};

void describe(Fields& f, ConcentrationParams& p) {
    f.integer("dimensions", p.dimensions, {1, 4096}, "the largest dimension");
    f.integer("points", p.points, {2, 500}, "points drawn in each dimension");
    f.real("shell", p.shell, {0, 1}, "thickness of the shell, as a share of the radius");
    f.random_seed("seed", p.seed);
}

/// In the order of the outputs.
using Shares = std::array<double, 3>;

Shares closed_form(double d, const ConcentrationParams& p) {
    const double m = d / (d + 2), q = d / (d + 4);
    const double variance = 2 * q + (4 / d - 2) * m * m;
    // The midpoint rule; the integrand is smooth but for u near 0, where it is flat.
    constexpr std::size_t nodes = 4000;
    double first = 0;
    for (std::size_t k = 0; k < nodes; ++k) {
        const double u = (static_cast<double>(k) + 0.5) / static_cast<double>(nodes);
        const double nearer = std::pow(1 - std::pow(u, 1 / d), d);
        first += std::pow(1 - nearer, static_cast<double>(p.points - 1)) / static_cast<double>(nodes);
    }
    return {1 - std::pow(1 - p.shell, d), std::sqrt(variance) / (2 * m), first};
}

/// Evenly from the unit ball: an even direction, and a radius whose d-th power is even.
std::vector<std::vector<float>> draw_points(std::size_t d, std::size_t part, const ConcentrationParams& p) {
    std::vector<std::vector<float>> points(p.points, std::vector<float>(d));
    for (std::size_t n = 0; n < p.points; ++n) {
        Random random = stream(p.seed, Purpose::sampling, part, n);
        double square = 0;
        for (float& value : points[n]) {
            value = random.normal();
            square += static_cast<double>(value) * static_cast<double>(value);
        }
        const double radius = std::pow(static_cast<double>(random.uniform()), 1 / static_cast<double>(d));
        const auto factor = static_cast<float>(radius / std::sqrt(std::max(square, 1e-300)));
        for (float& value : points[n]) value *= factor;
    }
    return points;
}

double squared_distance(const std::vector<float>& a, const std::vector<float>& b) {
    double square = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        const auto difference = static_cast<double>(a[i] - b[i]);
        square += difference * difference;
    }
    return square;
}

Shares sampled(std::size_t d, std::size_t part, const ConcentrationParams& p) {
    const std::vector<std::vector<float>> points = draw_points(d, part, p);
    const auto count = static_cast<double>(p.points);
    std::vector<double> nearest(p.points, 1e300);
    double sum = 0, sum_of_squares = 0;
    for (std::size_t n = 0; n < p.points; ++n) {
        for (std::size_t k = 0; k < n; ++k) {
            const double square = squared_distance(points[n], points[k]);
            sum += square;
            sum_of_squares += square * square;
            nearest[n] = std::min(nearest[n], square);
            nearest[k] = std::min(nearest[k], square);
        }
    }
    const double pairs = count * (count - 1) / 2, mean = sum / pairs;
    Shares shares{0, std::sqrt(std::max(0.0, sum_of_squares / pairs - mean * mean)) / std::max(mean, 1e-300), 0};
    const std::vector<float> centre(d, 0.0F);
    for (std::size_t n = 0; n < p.points; ++n) {
        const double gap = 1 - std::sqrt(squared_distance(points[n], centre));
        shares[0] += gap <= p.shell ? 1 / count : 0;
        shares[2] += gap < std::sqrt(nearest[n]) ? 1 / count : 0;
    }
    return shares;
}

class ConcentrationRun final : public PartedRun {
public:
    ConcentrationRun(const Request& request, const ConcentrationParams& p)
        : samples_(request.input.shape()[0]),
          params_(p),
          values_(target_values(request.target, request.explainer.plain().network(),
                                request.explainer.plain().trace(request.input))) {
        for (std::size_t d = 1; d < p.dimensions; d *= 2) dimensions_.push_back(d);
        dimensions_.push_back(p.dimensions);
    }

    std::size_t parts() const override { return dimensions_.size(); }

    std::vector<Tensor> compute(std::size_t part) override {
        const std::size_t d = dimensions_[part];
        const Shares exact = closed_form(static_cast<double>(d), params_), drawn = sampled(d, part, params_);
        Tensor row = zeros({1, 1, 1, 6});
        for (std::size_t k = 0; k < 3; ++k) {
            row.data()[2 * k] = static_cast<float>(exact[k]);
            row.data()[2 * k + 1] = static_cast<float>(drawn[k]);
        }
        return list_of(std::move(row));
    }

    Result snapshot() override {
        if (rows_.empty()) fail(ErrorCode::bad_argument, "concentration: nothing has been drawn yet");
        Result result;
        result.value = values_;
        constexpr std::array<std::string_view, 6> names = {"near_boundary",  "near_boundary_sampled",
                                                           "spread",         "spread_sampled",
                                                           "boundary_first", "boundary_first_sampled"};
        const std::vector<float> at(dimensions_.begin(),
                                    dimensions_.begin() + static_cast<std::ptrdiff_t>(rows_.size()));
        for (std::size_t k = 0; k < names.size(); ++k) {
            Tensor curve = zeros({samples_, 1, 1, rows_.size()});
            for (std::size_t i = 0; i < curve.size(); ++i) curve.data()[i] = rows_[i % rows_.size()].data()[k];
            result.add(names[k], Series{at, std::move(curve)});
        }
        return result;
    }

protected:
    void take(std::size_t, const std::vector<Tensor>& computed) override { rows_.push_back(computed[0]); }

private:
    std::size_t samples_;
    ConcentrationParams params_;
    std::vector<double> values_;
    std::vector<std::size_t> dimensions_;
    std::vector<Tensor> rows_;
};

std::unique_ptr<Run> start_concentration(const Request& request, const ConcentrationParams& p) {
    return std::make_unique<ConcentrationRun>(request, p);
}

Output over_dimensions(const char* name, const char* unit, Words help) {
    return series_output(name, unit, help, "dimension");
}

}  // namespace

Method concentration() {
    return define<ConcentrationParams, start_concentration>(
        {.id = "concentration",
         .family = "data",
         .title = "Concentration of measure",
         .question = "Where are the points of a ball when it has 784 dimensions?",
         .formula = R"(\frac{\mathrm{vol}\{x : 1-s \le \|x\| \le 1\}}{\mathrm{vol}\{x : \|x\| \le 1\}} = 1-(1-s)^d)",
         .reference = {"Hastie, Tibshirani, Friedman", "The Elements of Statistical Learning", 2009, "Springer"},
         .targets = {TargetKind::logit, TargetKind::predicted},
         .outputs = {over_dimensions("near_boundary", "share", "volume near the surface"),
                     over_dimensions("near_boundary_sampled", "share", "the same, counted"),
                     over_dimensions("spread", "", "spread of the squared distance of two points, over its mean"),
                     over_dimensions("spread_sampled", "", "the same, of the points drawn"),
                     over_dimensions("boundary_first", "share", "points nearer to the surface than to any other point"),
                     over_dimensions("boundary_first_sampled", "share", "the same, counted")},
         .caveat = "It tells of evenly filled balls; drawings fill the space of images anything but evenly.",
         .progressive = true,
         .subject = SubjectKind::data,
         .pace = Pace::asked});
}

}  // namespace pellucid::methods
