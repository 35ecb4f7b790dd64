/// Masks that cannot help being smooth: a coarse grid of parameters, each spread over a disc, of which every pixel takes
/// a smooth maximum. Fong, Patrick, Vedaldi 2019, as TorchRay has it.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

namespace pellucid::methods {

/// mask(u) = Σ_k v_k·exp(20·v_k) / Σ_k exp(20·v_k),  v_k = w(|u − u_k|)·m_k,  w(d) = exp(−2·max(0, d/σ − ½)²)
/// over the (2r + 1)² parameters k around u, r = 1 + ⌈σ/step⌉; those beyond the grid are 0. Parameters stand `step` pixels
/// apart. The mask has a margin of ⌊σ + ½⌋ pixels on all sides, so that what is pressed against the border costs area, too.
/// (TorchRay's margin is σ itself, which shifts its masks by a fraction of a pixel where σ is no whole number.)
class SmoothMask {
public:
    /// Throws Error(bad_argument) where the grid is too coarse for σ.
    SmoothMask(std::size_t height, std::size_t width, std::size_t step, double sigma);

    std::size_t parameters() const { return rows_.grid * columns_.grid; }
    std::size_t full_size() const { return rows_.full * columns_.full; }

    /// The mask with its margin, full_size() numbers from 0 to 1; parameters lie from 0 to 1.
    const std::vector<double>& generate(std::span<const double> parameters);
    const std::vector<double>& full() const { return mask_; }  ///< the last mask, with its margin
    /// The same without its margin, height·width.
    std::vector<double> cropped() const;
    /// Adds to `full` (full_size()) what stands in `inner` (height·width), without the margin.
    void add_inner(std::span<const double> inner, std::span<double> full) const;
    /// ∂(Σ incoming·mask)/∂parameters of the last mask, which was generated from these parameters.
    std::vector<double> backward(std::span<const double> parameters, std::span<const double> incoming) const;

private:
    struct MaskAxis {
        std::size_t extent, grid, full, step;
        std::ptrdiff_t reach;  ///< where parameter 0's stencil begins, in pixels of the full mask
    };
    MaskAxis axis(std::size_t extent) const;
    /// The pixels of a stencil (of `side_` pixels) that lie in the mask.
    struct Piece {
        std::size_t stencil, pixel, count;
    };
    Piece piece(const MaskAxis& axis, std::size_t parameter) const;
    void exponentials(double m, double* out) const;

    std::size_t step_, margin_, radius_, padding_, side_;
    MaskAxis rows_{}, columns_{};
    /// Of a stencil, side_ × side_: w, and exp(20·w·q/steps) for q = 0 … steps. Copies share them.
    std::shared_ptr<const std::vector<double>> weights_, powers_;
    std::vector<double> mask_, sums_, weighted_;
    bool kept_ = true;                   ///< whether exponentials_ holds all stencils, or the last
    std::vector<double> exponentials_;  ///< of every parameter's stencil; unspecified where the parameter is 0
};

}  // namespace pellucid::methods
