/// How alike two maps are.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace pellucid::methods {

/// Spearman's rank correlation; equals share the mean of their ranks. NaN where all numbers of one are equal.
double spearman(std::span<const float> a, std::span<const float> b);
/// In two steps, for one picture that is compared with many: the ranks, from 1 on, and their correlation.
std::vector<double> mean_ranks(std::span<const float> values);
double correlation_of_ranks(std::span<const double> a, std::span<const double> b);

/// a·b / (‖a‖‖b‖); NaN where one of them is 0.
double cosine(std::span<const float> a, std::span<const float> b);

/// ‖a − b‖₂ / ‖a‖₂; NaN where a is 0.
double relative_distance(std::span<const float> a, std::span<const float> b);

/// Structural similarity of two pictures of height × width, Wang et al. 2004, as scikit-image has it: uniform windows
/// of side 7 (less where the picture is smaller: the largest odd side), sample covariances, K₁ = 0.01, K₂ = 0.03, the
/// mean over windows that lie within. Both pictures are divided by their largest magnitude before, and the range is
/// that of both together. NaN where one of them is 0 everywhere.
double structural_similarity(std::span<const float> a, std::span<const float> b, std::size_t height, std::size_t width);

}  // namespace pellucid::methods
