/// The areas that masks are held to.
#pragma once

#include <span>
#include <string_view>
#include <vector>

namespace pellucid::methods {

/// Reads "5,10,20,40": shares of the picture in per cent, as shares. Throws Error(bad_argument) that says what is
/// wrong.
std::vector<double> parse_areas(std::string_view text);

/// ∂(−weight·mean((sorted mask − reference)²))/∂mask, where the reference is 0 but for the last `area` of its elements,
/// which are 1. Equal values (to 1e-6) share what the reference has at their places, so that no side of the picture is
/// preferred; TorchRay leaves that to its sort.
std::vector<double> area_pull(std::span<const double> mask, double area, double weight);

}  // namespace pellucid::methods
