/// A drawing as MNIST would hold it: ink box scaled to 20×20, centre of mass at the centre of 28×28.
///
/// MNIST's own words: "size normalized to fit in a 20x20 pixel box while preserving their aspect ratio … centered in a
/// 28x28 image by computing the center of mass of the pixels, and translating the image so as to position this point at
/// the center of the 28x28 field". What they leave open was measured on the 70,000 images, and is done here in the same
/// way: the longer side of the ink takes all 20 pixels (in 69,984 of them), the shift is by whole pixels, and the
/// centre of mass in pixel indices, rounded, is (14, 14) (in 69,995 rows and 69,998 columns).
///
/// Cost: under a millisecond for an ordinary drawing, so that it can run at every frame.
#pragma once

#include "pellucid/data/drawing.hpp"
#include "pellucid/tensor.hpp"

#include <cstddef>

namespace pellucid {

inline constexpr std::size_t raster_size = 80;  ///< pixels along the square around the ink; 4 per pixel of the 20×20
inline constexpr std::size_t scaled_size = 20;
inline constexpr std::size_t image_size = 28;

/// The thinnest stroke of the image, in its pixels. Of MNIST's strokes about three in a hundred are thinner; below it a
/// network meets grey that it was never shown.
inline constexpr float least_stroke = 1.75F;

/// The square part of the board that becomes the 20×20 image.
struct Square {
    float left = 0.0F;
    float top = 0.0F;
    float side = 1.0F;
};

/// Every stage on the way from a drawing to the network's input; ink 1, paper 0.
struct NormalisedDrawing {
    Box box;        ///< the ink, board coordinates; empty where there is none
    Square square;  ///< around the box, same centre: what `raster` and `scaled` show
    Tensor raster;  ///< (1, 80, 80, 1) the square, anti-aliased; from a raster: that raster itself
    Tensor scaled;  ///< (1, 20, 20, 1) area average of the square
    Tensor image;   ///< (1, 28, 28, 1) `scaled` with its upper left pixel at (row, column)
    int row = 4;    ///< 0 … 8; a centre of mass that would put ink outside 28×28 is followed only to the edge
    int column = 4;

    /// Board to image: x₂₈ = scale·x + offset_x, y₂₈ = scale·y + offset_y; pixel i of the image covers [i, i + 1).
    float scale = 1.0F;
    float offset_x = 0.0F;
    float offset_y = 0.0F;
};

/// Two things MNIST did not do. The square is never smaller than three pen widths: a dot or the first millimetres of a
/// stroke would fill all 28×28 otherwise. And strokes come out at least `least_stroke` thick, whatever pen drew them;
/// the box is that of the ink so thickened. Without ink every stage is empty paper.
/// Errors as stroke_bounds.
NormalisedDrawing normalise(const Drawing& drawing);

/// The same for ink that is a raster already, (1, rows, columns, 1): board coordinates are its pixels.
/// The box is around all ink of 0.1 or more. Error(bad_shape) for another shape, Error(bad_argument) for ink
/// that is no finite number.
NormalisedDrawing normalise(const Tensor& raster);

/// What each pen stroke of a drawing draws alone, (S, 28, 28, 1), where it lies in the whole drawing's image: as thick
/// as there, and without what later erasers took away. Where strokes do not meet, they sum to normalise(drawing).image.
Tensor strokes_alone(const Drawing& drawing);

}  // namespace pellucid
