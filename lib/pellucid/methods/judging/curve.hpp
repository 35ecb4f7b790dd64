/// Curves of what the answer becomes while pixels are replaced in a map's order: deletion, insertion, pixel flipping.
#pragma once

#include "pellucid/methods/attribution/baseline.hpp"
#include "pellucid/methods/judging/lens.hpp"

#include <span>

namespace pellucid::methods {

/// f_t of the pictures on the way from one picture to another. After step k of K the first ⌊k·P/K⌋ of the P pixels in
/// `order` are those of `to`; step 0 is `from` itself. Steps that change no number cost nothing.
/// `shape`: of one picture, (1, h, w, c). K + 1 numbers.
std::vector<double> replacement_curve(Evaluator& evaluator, const Target& target, const Shape& shape,
                                      std::span<const float> from, std::span<const float> to,
                                      std::span<const std::uint32_t> order, std::size_t steps);

/// The mean height of a curve at evenly spaced places, by trapezoids.
double area_under(std::span<const double> curve);

enum class Way : std::uint8_t {
    away,    ///< the input's pixels go: from the input to the baseline
    towards  ///< they come: from the baseline to the input
};

/// One part per sample. `steps`: 0 stands for one per pixel.
std::unique_ptr<Run> curve_run(std::string_view judge, const Request& request, const LensParams& lens,
                               const BaselineParams& baseline, Way way, std::size_t steps);

/// "curve" and "area"; which way the area is good.
std::vector<Output> curve_outputs(Better better, Words area);

}  // namespace pellucid::methods
