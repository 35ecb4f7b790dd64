/// Runs a property over random structures: kept cases first, then as many new ones as there are to be.
///
/// PELLUCID_RANDOM_SEED=n draws others than in every run (n is added to the seeds); PELLUCID_RANDOM_SECONDS=s goes on
/// for s seconds per property; PELLUCID_RANDOM_CASE="seed …" checks that structure alone. Each structure is checked
/// with every set of kernels that runs here, or only with that of PELLUCID_KERNELS.
#pragma once

#include "plan.hpp"

#include <functional>

namespace pellucid::test {

/// What is wrong, or nothing.
using Check = std::function<std::string(const Plan&)>;

/// `cases`: how many by default. A failure is shrunk and printed with its seed as the line that kept.txt takes.
void run_random(Plan (*draw)(std::uint32_t seed), std::uint32_t cases, const Check& check);

}  // namespace pellucid::test
