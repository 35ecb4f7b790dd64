/// Element-wise work and sums over numbers that lie one after another: a tensor's elements(), a sample(), a row.
///
/// Nothing here is a template: the xtensor expressions are in one source file and cost their compile time and their
/// bytes once. Vectors that belong together have the same size. Sums are in double, from the first number to the last,
/// so that they are the same everywhere. Loops that decide how fast something is are kernels (simd/kernels.hpp).
#pragma once

#include "pellucid/tensor.hpp"

#include <cstdint>
#include <span>
#include <vector>

namespace pellucid::ops {

using Numbers = std::span<const float>;

// What every element of x becomes:
void add(std::span<float> x, Numbers other);                            ///< x + other
void subtract(std::span<float> x, Numbers other);                       ///< x − other
void multiply(std::span<float> x, Numbers other);                       ///< x · other
void scale(std::span<float> x, float factor);                           ///< factor · x
void add_scaled(std::span<float> x, float factor, Numbers other);       ///< x + factor · other
void mix(std::span<float> x, float keep, float factor, Numbers other);  ///< keep · x + factor · other
void absolute(std::span<float> x);                                      ///< |x|
void rectify(std::span<float> x);                                       ///< max(x, 0)
void clamp(std::span<float> x, float low, float high);                  ///< the nearest number from low to high
void clamp(std::span<float> x, Numbers low, Numbers high);              ///< the same, between bounds of its own
void step_by_sign(std::span<float> x, float step, Numbers direction);   ///< x + step · sign(direction)
void draw_to(std::span<float> x, Numbers from, float share);            ///< from + share · (x − from)

double sum(Numbers x);
double sum_of_absolutes(Numbers x);
double sum_of_squares(Numbers x);
double sum_of_squares(Numbers x, Numbers without);  ///< Σ(x − without)²
double length(Numbers x);                           ///< √Σx²
double largest(Numbers x);                          ///< max |x|; 0 of none
/// Adds x, rows of as many numbers as there are sums, row after row: what a channel, or a unit, has over places or
/// images.
void add_rows(std::span<double> sums, Numbers x);
/// The same of |x|, in float32.
void add_absolute_rows(std::span<float> sums, Numbers x);
/// Of each row of `columns` numbers: what a pixel has over its channels.
std::vector<double> row_sums(Numbers x, std::size_t columns);
/// sums / count, as float32.
void mean_of(std::span<const double> sums, double count, std::span<float> mean);

/// How smoothing takes what lies beyond the border: as 0, or as if it were not there.
enum class Beyond : std::uint8_t { zero, left_out };
/// Smooths images along their rows (axis 1) or columns (axis 2) with the weights of a window whose middle is the pixel.
void smooth(Tensor& images, std::size_t axis, std::span<const double> weights, Beyond beyond);

}  // namespace pellucid::ops
