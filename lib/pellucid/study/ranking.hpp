/// In which order pixels matter, by a method's maps of a network's answers, or by chance: what remove and retrain
/// removes.
#pragma once

#include "pellucid/data/idx.hpp"
#include "pellucid/methods/method.hpp"

#include <cstdint>
#include <vector>

namespace pellucid::study {

/// The pixels of every image in a method's order, the largest absolute value first, equal ones in the order of rows.
/// A method of several channels is ranked by the sum of their absolute values. Target: what the network answers.
class Ranking {
public:
    /// Throws Error(bad_argument) for a method whose first output is no map of what matters, Error(unsupported) for one
    /// that needs more than the network.
    static void check(const Method& method);

    /// Nothing is ranked yet: step() does it, a part of the images each time. All three must outlive the steps. Throws
    /// as check().
    Ranking(const Method& method, const Network& network, const ByteImages& images);
    /// An order drawn by chance, for comparison.
    static Ranking by_chance(const ByteImages& images, std::uint32_t seed);

    /// How many steps there are.
    std::size_t parts() const;
    /// Ranks the next part of the images; false when none is left.
    bool step();

    /// Makes the first `share` of the pixels of every image paper. All must be ranked.
    void remove_first(double share, ByteImages& images) const;

private:
    explicit Ranking(const ByteImages& images);
    void rank(std::size_t first, std::size_t count);

    const Method* method_ = nullptr;
    const Network* network_ = nullptr;
    const ByteImages* images_ = nullptr;
    std::size_t ranked_ = 0;            ///< images
    std::vector<std::uint16_t> order_;  ///< images · pixels
};

}  // namespace pellucid::study
