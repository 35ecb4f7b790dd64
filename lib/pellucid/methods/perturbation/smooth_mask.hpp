/// Masks that cannot help being smooth: a coarse grid of parameters, each spread over a disc, of which every pixel
/// takes a smooth maximum. Fong, Patrick, Vedaldi 2019, as TorchRay has it, but for the border.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace pellucid::methods {

/// mask(u) = Σ_k v_k·exp(20·v_k) / Σ_k exp(20·v_k),  v_k = w(|u − u_k|)·m_k,  w(d) = exp(−2·max(0, d/σ − ½)²)
/// over the parameters k at most step·(1 + ⌈σ/step⌉) rows and columns from u; they stand `step` pixels apart from the
/// first pixel on. The picture is closed to a torus: what leaves it on one side comes in on the other.
///
/// TorchRay ends the grid at the border and adds a margin instead. There a parameter has fewer neighbours and answers
/// for fewer pixels than in the middle, so that of masks that all begin equal those along the border stay largest: on
/// pictures of 28 pixels, where the border is near everywhere, the area then gathers there instead of where the score
/// is. On a torus all parameters are alike.
class SmoothMask {
public:
    /// Throws Error(bad_argument) where the grid is too coarse for σ.
    SmoothMask(std::size_t height, std::size_t width, std::size_t step, double sigma);

    std::size_t parameters() const { return rows_.grid * columns_.grid; }

    /// height·width numbers from 0 to 1; parameters lie from 0 to 1. Valid until the next call.
    const std::vector<double>& generate(std::span<const double> parameters);
    /// The last mask.
    const std::vector<double>& mask() const { return mask_; }
    /// ∂(Σ incoming·mask)/∂parameters of the last mask, which was generated from these parameters.
    std::vector<double> backward(std::span<const double> parameters, std::span<const double> incoming) const;

private:
    /// A stencil reaches from `before` pixels before a parameter to `after` behind it. The canvas is the picture with
    /// as much around it, so that stencils lie in one piece; what lies around is folded back, or copied there.
    struct MaskAxis {
        std::size_t extent, grid, before, after;
        std::size_t side() const { return before + 1 + after; }
        std::size_t canvas() const { return before + extent + after; }
        /// The pixel at a place of the canvas.
        std::size_t pixel(std::size_t place) const { return (place + extent - before % extent) % extent; }
    };
    MaskAxis axis(std::size_t extent, double sigma) const;
    std::size_t canvas_size() const { return rows_.canvas() * columns_.canvas(); }
    std::vector<double> folded(std::span<const double> canvas) const;
    std::vector<double> spread(std::span<const double> picture) const;

    /// The places of a stencil, from its first on the canvas, that have one weight: what a parameter gives to them is
    /// computed once, for all parameters in a row.
    struct Ring {
        double weight;
        std::vector<std::ptrdiff_t> places;
        std::vector<double> powers;  ///< exp(20·w·q/steps) for q = 0 … steps
    };
    /// What all masks of that size have in common.
    struct Stencil {
        std::vector<Ring> rings;
        std::ptrdiff_t reach;            ///< its last place
        std::vector<std::size_t> begin;  ///< where that of each parameter begins on the canvas
        std::vector<std::size_t> pixel;  ///< at each place of the canvas
        std::vector<double> taps;        ///< how many parameters reach each pixel
    };
    void round(std::span<const double> parameters);
    void exponentials(const Ring& ring, double* out) const;
    void add_rings(const double* plane, const Ring& ring, double* canvas) const;
    void sum_rings(const std::vector<double>& canvas, const Ring& ring, std::vector<double>& sums) const;

    std::size_t step_;
    MaskAxis rows_{}, columns_{};
    std::shared_ptr<const Stencil> stencil_;  ///< copies share it
    std::vector<double> mask_, sums_;
    /// Of the last parameters: the nearest of the steps for which there are powers, and 20 times what is left.
    std::vector<std::int32_t> nearest_;
    std::vector<double> rests_;
    bool kept_ = true;                  ///< whether exponentials_ holds all rings, or the last
    std::vector<double> exponentials_;  ///< of every ring, parameter by parameter
};

}  // namespace pellucid::methods
