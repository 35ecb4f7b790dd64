/// Shapley values by their definition, from what all coalitions of a few players are worth.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace pellucid::methods {

/// Most players of which all 2^M coalitions are asked.
inline constexpr std::size_t most_exact_players = 10;

/// worth[mask] of the coalition whose player i is bit i of the mask, 2^players numbers.
///   φ_i = Σ_{S ∌ i} |S|!(M − |S| − 1)!/M! · (v(S ∪ i) − v(S));  Σ φ = v(all) − v(none)
std::vector<double> shapley_values(std::span<const double> worth, std::size_t players);

/// What two players are worth together beyond what each is alone (Shapley interaction index, Grabisch & Roubens 1999),
/// players × players, symmetric, 0 on the diagonal:
///   I_ij = Σ_{S ∌ i, j} |S|!(M − |S| − 2)!/(M − 1)! · (v(S ∪ ij) − v(S ∪ i) − v(S ∪ j) + v(S))
std::vector<double> shapley_interactions(std::span<const double> worth, std::size_t players);

/// The Shapley kernel's weight of a coalition of `size` of M players, 0 < size < M:
/// (M − 1) / (C(M, size)·size·(M − size)).
double shapley_kernel(std::size_t players, std::size_t size);

}  // namespace pellucid::methods
