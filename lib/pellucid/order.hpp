/// Orders of things by their places: where they lie in a vector, a tensor, a data set.
///
/// One sort for all of them. What the compiler makes of std::stable_sort for each comparison of its own weighs 2 KB in
/// the page's download; a call through a pointer for every comparison costs next to nothing beside what is sorted here.
#pragma once

#include "pellucid/function_ref.hpp"

#include <cstddef>
#include <span>
#include <vector>

namespace pellucid {

/// Whether what lies at place a comes before what lies at place b.
using ComesBefore = FunctionRef<bool(std::size_t a, std::size_t b)>;

/// Puts places in that order; equal ones stay in theirs.
void sort_places(std::span<std::size_t> places, ComesBefore before);

/// 0 … count − 1 in that order; of equal ones the lower first.
std::vector<std::size_t> sorted_places(std::size_t count, ComesBefore before);

}  // namespace pellucid
