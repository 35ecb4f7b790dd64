/// Augmentation: each time a training image is used, it is warped and its strokes made thicker or thinner by chance.
///
/// out(p) = thickness(in)(A·(p − centre) + centre + shift + d(p)), read bilinearly in one pass; ink outside the image
/// is 0. A: random rotation, scale per axis, shear. d: a smooth random field, cubic B-splines over a coarse grid of
/// normal displacements (the elastic distortions of Simard, Steinkraus, Platt: Best Practices for Convolutional Neural
/// Networks Applied to Visual Document Analysis (2003), with splines in place of a blur). Thickness: a mix of the image
/// with its grey dilation or erosion by a cross of five pixels. Cost: about 10 µs for 28×28.
#pragma once

#include "pellucid/random.hpp"

#include <cstddef>
#include <span>
#include <vector>

namespace pellucid::train {

/// Ranges of the random changes; all zero = images stay as they are.
struct Augmentation {
    float rotation = 0.0F;      ///< degrees: uniform in ±rotation; [0, 180]
    float scale = 0.0F;         ///< size by a factor in 1 ± scale, common to both axes; [0, 0.9]
    float stretch = 0.0F;       ///< width over height by a factor in 1 ± stretch, at the same area; [0, 0.9]
    float shear = 0.0F;         ///< columns per row, uniform in ±shear; [0, 2]
    float translation = 0.0F;   ///< pixels, uniform in ±translation on each axis; ≥ 0
    float elastic = 0.0F;       ///< root mean square of the elastic displacement on each axis, pixels; ≥ 0
    float elastic_grid = 7.0F;  ///< distance of the elastic field's control points, pixels; ≥ 2
    float thicken = 0.0F;       ///< most of the way to the dilated image; [0, 2], above 1 dilates twice
    float thin = 0.0F;          ///< most of the way to the eroded image; [0, 1]

    bool operator==(const Augmentation&) const = default;
    /// True where no image is ever changed.
    bool off() const;
};

/// Throws Error(bad_argument) that names the first range out of its bounds.
void check(const Augmentation& augmentation);

/// Warps images of one size; holds scratch memory, so one per thread.
class Augmenter {
public:
    Augmenter(const Augmentation& augmentation, std::size_t rows, std::size_t columns);

    /// One image, values in [0, 1] in and out; `in` and `out` must not overlap.
    void apply(std::span<const float> in, std::span<float> out, Random& random);

private:
    void change_thickness(std::span<const float> in, Random& random);
    void draw_field(Random& random);

    Augmentation options_;
    std::size_t rows_, columns_;
    std::size_t grid_rows_ = 0, grid_columns_ = 0;
    std::size_t padded_columns_;
    std::vector<float> source_;   ///< the image in a frame of zeros
    std::vector<float> scratch_;  ///< a second image in a frame
    std::vector<float> control_;  ///< displacements of the control points: all x, then all y
    std::vector<float> row_field_;
    struct Taps {
        std::size_t first;
        float weight[4];
    };
    std::vector<Taps> row_taps_, column_taps_;
};

}  // namespace pellucid::train
