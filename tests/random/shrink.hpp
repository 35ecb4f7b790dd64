/// Smaller structures that still fail.
#pragma once

#include "plan.hpp"

#include <functional>

namespace pellucid::test {

/// Leaves out layers and lowers numbers, one at a time, as long as `fails` holds; `fails` is only asked about plans
/// that can be built, and at most `budget` times.
Plan shrink(Plan plan, const std::function<bool(const Plan&)>& fails, std::size_t budget = 2000);

}  // namespace pellucid::test
