/// The inputs of `explain`, a portion at a time where their file allows it.
#pragma once

#include "pellucid/data/input.hpp"

#include <optional>
#include <string>

namespace pellucid::cli {

/// What --input names, read in that form (data/input.hpp). Of a plain .npy file of floating numbers that are taken as
/// they are, only the portion that is asked for is in memory.
class Inputs {
public:
    Inputs(const std::string& place, const InputForm& form);

    std::size_t count() const { return shape_[0]; }
    int rank() const { return rank_; }
    /// As ReadInput has it.
    const std::string& how() const { return how_; }
    bool inverted() const { return inverted_; }
    Tensor portion(std::size_t first, std::size_t count) const;

    /// Error(bad_shape) or Error(bad_argument) where the network does not read them, or an element is not finite or
    /// outside its input's range.
    void check(const Network& network) const;

private:
    std::optional<NpyFile> file_;
    Tensor whole_;
    Shape shape_{};
    int rank_ = 4;
    std::string how_;
    bool inverted_ = false;
};

}  // namespace pellucid::cli
