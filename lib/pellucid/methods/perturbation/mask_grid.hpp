/// A mask as a coarse grid that is enlarged bilinearly.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace pellucid::methods {

/// Between a grid and an image of height × width pixels: bilinear at half-pixel centres, edges clamped, as enlarge()
/// has it.
class MaskGrid {
public:
    MaskGrid(std::size_t height, std::size_t width, std::size_t cell);

    std::size_t rows() const { return rows_; }
    std::size_t columns() const { return columns_; }
    std::size_t size() const { return rows_ * columns_; }

    /// height·width numbers.
    std::vector<double> enlarged(std::span<const double> grid) const;
    /// The transpose: a gradient by pixels as one by the grid's cells.
    std::vector<double> gathered(std::span<const double> pixels) const;

    /// Σ over neighbouring cells of abs(difference)^beta, rows and columns apart, and its gradient added times
    /// `weight`.
    double add_variation(std::span<const double> grid, double beta, double weight, std::span<double> gradient) const;

private:
    struct GridTap {
        std::size_t low, high;
        double share;  ///< of `high`
    };
    static std::vector<GridTap> taps_of(std::size_t from, std::size_t to);

    std::size_t rows_, columns_;
    std::vector<GridTap> row_taps_, column_taps_;
};

}  // namespace pellucid::methods
