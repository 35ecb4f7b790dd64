#include "pellucid/methods/attribution/quadrature.hpp"

#include "pellucid/error.hpp"

#include <cmath>
#include <numbers>

namespace pellucid::methods {

namespace {

/// Roots of the Legendre polynomial of degree n by Newton's method, mapped from [−1, 1] to [0, 1]. They lie evenly
/// about the middle.
Quadrature find_gauss_legendre(std::size_t n) {
    Quadrature q{std::vector<double>(n), std::vector<double>(n)};
    const auto degree = static_cast<double>(n);
    // 1/k: divisions would be most of the time.
    std::vector<double> inverse(n);
    for (std::size_t k = 0; k < n; ++k) inverse[k] = 1 / static_cast<double>(k + 1);
    const double shrink = 1 - (1 - 1 / degree) / (8 * degree * degree);
    for (std::size_t i = 0; 2 * i < n; ++i) {
        double x = -shrink * std::cos(std::numbers::pi * (static_cast<double>(i) + 0.75) / (degree + 0.5));
        double slope = 1;
        for (int iteration = 0; iteration < 100; ++iteration) {
            double p = 1;
            double before = 0;
            for (const double share : inverse) {
                const double next = (2 - share) * x * p - (1 - share) * before;
                before = p;
                p = next;
            }
            slope = degree * (x * p - before) / (x * x - 1);
            const double change = p / slope;
            x -= change;
            if (std::abs(change) < 1e-15) break;
        }
        const std::size_t mirrored = n - 1 - i;
        q.points[i] = (1 + x) / 2;
        q.points[mirrored] = (1 - x) / 2;
        q.weights[i] = q.weights[mirrored] = 1 / ((1 - x * x) * slope * slope);
    }
    return q;
}

/// Found once for many calls: who draws asks for as many points with every frame.
const Quadrature& gauss_legendre(std::size_t n) {
    thread_local Quadrature last;
    if (last.points.size() != n) last = find_gauss_legendre(n);
    return last;
}

}  // namespace

const std::vector<std::string>& quadrature_ids() {
    static const std::vector<std::string> ids{"gauss_legendre", "riemann_right", "riemann_left", "riemann_middle",
                                              "trapezoid"};
    return ids;
}

Quadrature quadrature(std::string_view id, std::size_t points) {
    if (points == 0) fail(ErrorCode::bad_argument, "a quadrature needs at least 1 point");
    if (id == "gauss_legendre") return gauss_legendre(points);
    Quadrature q;
    const auto n = static_cast<double>(points);
    if (id == "trapezoid") {
        if (points < 2) fail(ErrorCode::bad_argument, "trapezoid needs at least 2 points");
        for (std::size_t k = 0; k < points; ++k) {
            q.points.push_back(static_cast<double>(k) / (n - 1));
            q.weights.push_back((k == 0 || k + 1 == points ? 0.5 : 1.0) / (n - 1));
        }
        return q;
    }
    double shift = 0;
    if (id == "riemann_right") {
        shift = 1;
    } else if (id == "riemann_middle") {
        shift = 0.5;
    } else if (id != "riemann_left") {
        fail(ErrorCode::bad_argument, "there is no quadrature '{}'; there are {}", id,
             comma_separated(quadrature_ids()));
    }
    for (std::size_t k = 0; k < points; ++k) {
        q.points.push_back((static_cast<double>(k) + shift) / n);
        q.weights.push_back(1 / n);
    }
    return q;
}

Quadrature captum_quadrature(std::string_view id, std::size_t points) {
    Quadrature q = quadrature(id, points);
    const auto n = static_cast<double>(points);
    for (double& weight : q.weights) weight *= id == "trapezoid" ? (n - 1) / n : 1.0;
    return q;
}

}  // namespace pellucid::methods
