/// An image in levels from wholly perturbed to untouched, of which a mask takes a level at every pixel.
#pragma once

#include "pellucid/nn/range.hpp"
#include "pellucid/tensor.hpp"

#include <cstdint>
#include <span>
#include <vector>

namespace pellucid::methods {

enum class Perturbing : std::uint8_t { blur, fade };

/// blur: level l of L is blurred by σ·(1 − l/(L − 1)); fade: from paper to the image. A mask of 1 shows the image, 0
/// the first level; between, neighbouring levels are mixed linearly. (Fong, Patrick, Vedaldi 2019.)
class Pyramid {
public:
    /// `image` is one sample; `levels` ≥ 2.
    Pyramid(const Tensor& image, Perturbing kind, std::size_t levels, double sigma, const InputRange& range);

    /// `mask` has a number from 0 to 1 for every pixel, `out` all channels.
    void apply(std::span<const double> mask, std::span<float> out) const;
    /// ∂(Σ incoming·apply(mask))/∂mask; at a level itself, of the piece below.
    std::vector<double> backward(std::span<const double> mask, std::span<const float> incoming) const;

private:
    /// The level below a mask's value, and how far it is towards the next.
    struct Place {
        std::size_t level;
        double share;
    };
    Place place(double mask) const;

    std::size_t channels_;
    std::vector<Tensor> levels_;
};

}  // namespace pellucid::methods
