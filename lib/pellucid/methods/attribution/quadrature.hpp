/// Quadratures of ∫₀¹ for path integrals.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace pellucid::methods {

struct Quadrature {
    std::vector<double> points;   ///< in [0, 1], ascending
    std::vector<double> weights;  ///< sum to 1
};

/// "gauss_legendre", "riemann_right" (k/n), "riemann_left" ((k−1)/n), "riemann_middle" ((k−½)/n), "trapezoid" (n ≥ 2).
const std::vector<std::string>& quadrature_ids();
/// Throws Error(bad_argument) for an unknown id or too few points.
Quadrature quadrature(std::string_view id, std::size_t points);

/// Divides by n where the trapezoid rule divides by n − 1, as captum's `riemann_trapezoid` does: the weights then sum
/// to (n − 1)/n. Its other quadratures are the ones above.
Quadrature captum_quadrature(std::string_view id, std::size_t points);

}  // namespace pellucid::methods
