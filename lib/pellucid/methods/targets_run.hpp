/// A target for each sample of a batch.
#pragma once

#include "pellucid/methods/method.hpp"

namespace pellucid {

/// Answers runs of neighbouring samples that share a target, one such group after another: each as it would be alone.
/// The snapshot holds the samples of the groups that were begun. `request` is checked, with as many targets as samples.
/// Throws Error(unsupported) where the relevance of every layer is wanted: it is that of one pass.
std::unique_ptr<Run> run_by_targets(const Method& method, Request request);

}  // namespace pellucid
