/// --param key=value, as several commands take it.
#pragma once

#include "pellucid/data/input.hpp"
#include "pellucid/methods/params.hpp"

#include <string>
#include <vector>

namespace pellucid::cli {

/// The card's defaults with those changes; a value of an image parameter is a file, read as an input of that form
/// (plain numbers as they are). Defaults follow the form's range.
/// Throws Error(bad_argument) where one is not key=value or does not fit the card.
Params read_params(const Card& card, const std::vector<std::string>& assignments, const InputForm& form);

}  // namespace pellucid::cli
