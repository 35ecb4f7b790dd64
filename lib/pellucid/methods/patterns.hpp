/// Patterns: what the input of a unit looks like when the unit is active, one per weight (Kindermans et al. 2017).
///
/// They are kept as a network of the same layers (BatchNorm merged) whose weights are the patterns and whose biases are
/// 0, so they are stored, read and checked as any model. Two metadata say what they are: `patterns_of`, the fingerprint
/// of the network that they belong to, and `estimator`. train/pattern_estimator.hpp makes them.
#pragma once

#include "pellucid/nn/network.hpp"

#include <string>

namespace pellucid {

inline constexpr const char* patterns_of_key = "patterns_of";
inline constexpr const char* estimator_key = "estimator";

/// SHA-256 over the operators, shapes, weights and biases of a network without BatchNorm. Names and metadata do not
/// count.
std::string fingerprint(const Network& network);

/// Throws Error(bad_argument) where these are no patterns, or not those of this (merged) network.
void check_patterns(const Network& patterns, const Network& merged);

/// w ⊙ a: the patterns times the network's weights.
Network times_weights(const Network& patterns, const Network& merged);

/// The patterns for the layers of `below`, a part of the same network whose uppermost layers may not have taken in the
/// BatchNorm behind them: there a merged weight is c·w for each output, and its pattern a is that of w divided by c.
Network scaled_patterns(const Network& patterns, const Network& merged, const Network& below);

}  // namespace pellucid
