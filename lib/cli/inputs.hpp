/// The inputs of `explain`, a portion at a time where their file allows it.
#pragma once

#include "pellucid/data/npy.hpp"
#include "pellucid/nn/network.hpp"

#include <optional>
#include <string>

namespace pellucid::cli {

/// What --input names (data/input.hpp). Of a plain .npy file only the portion that is asked for is in memory.
class Inputs {
public:
    explicit Inputs(const std::string& place);

    std::size_t count() const { return shape_[0]; }
    int rank() const { return rank_; }
    Tensor portion(std::size_t first, std::size_t count) const;

    /// Error(bad_shape) or Error(bad_argument) where the network does not read them, or an element is not finite.
    void check(const Network& network) const;

private:
    std::optional<NpyFile> file_;
    Tensor whole_;
    Shape shape_{};
    int rank_ = 4;
};

}  // namespace pellucid::cli
