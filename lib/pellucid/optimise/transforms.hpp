/// What is done to pictures while they are moved, so that they keep to what natural ones have: they are shown a little
/// shifted, and smoothed and faded between steps. All of (N, h, w, c), sample by sample.
#pragma once

#include "pellucid/nn/range.hpp"
#include "pellucid/tensor.hpp"

#include <cstdint>

namespace pellucid::optimise {

/// How far pictures are shifted at one step.
struct Shift {
    std::ptrdiff_t rows = 0, columns = 0;
};
/// Each uniform in −most … most; depends on seed and step alone, so all samples are shifted alike.
Shift random_shift(std::uint32_t seed, std::uint64_t step, std::size_t most);
/// Pixel (y, x) goes to (y + rows, x + columns), around the edges. The adjoint is the shift back.
void roll(const Tensor& x, const Shift& shift, Tensor& out);

/// Gaussian smoothing of deviation `sigma` pixels over a window of ±3σ; at the edges the weights that are left count
/// for the whole, so that a flat picture stays as it is. 0 changes nothing.
void blur(Tensor& x, double sigma);

/// Moves every pixel towards paper, the low end of the range, by that share of its distance.
void decay(Tensor& x, const InputRange& range, double share);

}  // namespace pellucid::optimise
