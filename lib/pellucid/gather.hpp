/// Some samples of a batch.
#pragma once

#include "pellucid/tensor.hpp"

namespace pellucid {

/// These samples, one after another; one may come several times.
Tensor gather(const Tensor& batch, std::span<const std::size_t> samples);
/// The way back: each to its place.
void scatter(const Tensor& some, std::span<const std::size_t> samples, Tensor& batch);

}  // namespace pellucid
