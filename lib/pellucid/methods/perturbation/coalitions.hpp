/// Coalitions and orders of players that callers hand over, to replay what another program drew.
#pragma once

#include "pellucid/methods/perturbation/game.hpp"

#include <string_view>

namespace pellucid::methods {

/// Rows of 0 and 1, one for each player. `rows` holds samples · players numbers in any shape whose last axes say so.
/// Throws Error that names what does not fit.
std::vector<Coalition> replayed_coalitions(const Tensor& rows, std::size_t players, std::string_view id);

/// Rows that hold every player's number once.
std::vector<std::vector<std::size_t>> replayed_orders(const Tensor& rows, std::size_t players, std::string_view id);

}  // namespace pellucid::methods
