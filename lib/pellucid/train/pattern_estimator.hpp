/// Estimates a network's patterns from its training data, batch by batch, with sums in double. Kindermans et al. 2017.
///
///   a = (E₊[xy] − E₊[x]·E[y]) / wᵀ(E₊[xy] − E₊[x]·E[y]) per output unit of a layer with weights, y = wᵀx without bias.
/// x: what the unit's weights see, one sample per input and (convolutions) position, padding as 0. E: over all samples;
/// E₊: over those with z = y + b > 0 (`relu`), or over all (`linear`). Activations are the network's own, in float32.
/// Units that never were active, or whose wᵀ(…) is 0, get the pattern 0.
/// Memory: two sums per weight, whatever the number of samples. Cost: two multiply-adds in double per multiply-add of
/// the forward pass, those with x = 0 left out.
#pragma once

#include "pellucid/nn/network.hpp"

#include <cstddef>
#include <string_view>
#include <vector>

namespace pellucid::train {

enum class PatternKind { relu, linear };
const char* to_string(PatternKind kind) noexcept;

class PatternEstimator {
public:
    /// The network must outlive the estimator; BatchNorm must have been merged: Error(unsupported) otherwise.
    PatternEstimator(const Network& network, PatternKind kind);

    void add(const Tensor& batch);
    std::size_t samples() const { return samples_; }

    /// The patterns of what was added, as a network; metadata say whose they are and how they were estimated.
    /// Throws Error(bad_argument) before the first batch.
    Network patterns() const;

private:
    /// Sums of one layer; [k] runs over a unit's weights, [o] over output channels.
    struct Sums {
        std::size_t node;
        std::vector<double> xy, x;     ///< [k·outputs + o], over the samples that E₊ takes
        std::vector<double> taken, y;  ///< [o]: how many those are; Σ y over all
        double seen = 0;               ///< all samples of a unit
    };
    void add_layer(Sums& sums);

    const Network& network_;
    PatternKind kind_;
    std::vector<Sums> sums_;
    Trace trace_;
    std::size_t samples_ = 0;
};

}  // namespace pellucid::train
