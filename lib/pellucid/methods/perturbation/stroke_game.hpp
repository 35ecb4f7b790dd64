/// A drawing's strokes as players: what a drawing is worth with some of its strokes, all others left out.
#pragma once

#include "pellucid/methods/attribution/sampling.hpp"
#include "pellucid/methods/perturbation/game.hpp"

#include <span>

namespace pellucid::methods {

/// With a the ink that each stroke draws alone and x the input's ink (0 paper, 1 ink), the strokes S show
///   rest + min(x − rest, Σ_{i ∈ S} a_i),  rest = max(0, x − Σ_i a_i).
/// All strokes give the input itself, each alone what it draws, and where strokes meet none of them adds ink beyond the
/// input's. What no stroke has drawn stays in every coalition: it belongs to nobody.
class StrokeGame {
public:
    /// Throws Error where the drawing has no strokes, or they are pictures of another size than the input.
    explicit StrokeGame(const Request& request);

    std::size_t inputs() const { return request_.input.shape()[0]; }
    std::size_t players() const { return alone_.shape()[0]; }
    double value(std::size_t n) const { return settled_.values[n]; }
    double at_paper(std::size_t n) const { return at_paper_[n]; }
    const std::vector<double>& values() const { return settled_.values; }
    /// The share of the ink of input n that no stroke has drawn.
    double ink_of_nobody(std::size_t n) const { return nobodys_[n]; }

    std::vector<double> worth(std::size_t n, std::span<const Coalition> coalitions);

    /// A map (N, H, W, 1) that paints every stroke's number, scores (N, 1, 1, strokes), on its ink: at a pixel the mean
    /// of its strokes' numbers, weighed by what each draws there, times what all of them draw (1 at most).
    Tensor painted(const Tensor& scores) const;

    /// "stroke 1", …, in the order in which they were drawn.
    std::vector<std::string> names() const;

private:
    Tensor shown(std::size_t n, std::span<const Coalition> coalitions) const;

    Request request_;
    Tensor alone_;  ///< (S, H, W, 1)
    Evaluator& evaluator_;
    SettledTargets settled_;
    Tensor paper_;
    std::vector<double> at_paper_, nobodys_;
};

}  // namespace pellucid::methods
