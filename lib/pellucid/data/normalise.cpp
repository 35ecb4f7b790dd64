#include "pellucid/data/normalise.hpp"

#include "pellucid/data/thicken.hpp"
#include "pellucid/error.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

namespace pellucid {
namespace {

/// The smallest side of the square, in pen widths.
constexpr float least_pen_widths = 3.0F;

/// Below this a pixel is paper: noise of scanned images, and nothing that could be seen.
constexpr float least_ink = 0.1F;

/// All of a raster that normalise() drew, in its pixels.
constexpr Square whole_raster = {0.0F, 0.0F, static_cast<float>(raster_size)};

/// The ink's box in pixels. Where an edge crosses a pixel, its coverage says where: a column whose fullest pixel is
/// covered to 0.3 is crossed at 0.3 of its width.
Box ink_box(const Tensor& raster) {
    const std::size_t rows = raster.shape()[1];
    const std::size_t columns = raster.shape()[2];
    std::vector<float> row_peak(rows, 0.0F);
    std::vector<float> column_peak(columns, 0.0F);
    for (std::size_t r = 0; r < rows; ++r) {
        for (std::size_t c = 0; c < columns; ++c) {
            const float ink = raster(0, r, c, 0);
            row_peak[r] = std::max(row_peak[r], ink);
            column_peak[c] = std::max(column_peak[c], ink);
        }
    }
    const auto is_ink = [](float peak) { return peak >= least_ink; };
    if (std::ranges::none_of(row_peak, is_ink)) return {};

    struct Extent {
        float from;
        float to;
    };
    const auto extent = [&](const std::vector<float>& peaks) -> Extent {
        const auto first = static_cast<std::size_t>(std::ranges::find_if(peaks, is_ink) - peaks.begin());
        const auto last =
            static_cast<std::size_t>(std::find_if(peaks.rbegin(), peaks.rend(), is_ink).base() - peaks.begin()) - 1;
        if (first == last) return {static_cast<float>(first), static_cast<float>(first + 1)};
        return {static_cast<float>(first + 1) - std::min(peaks[first], 1.0F),
                static_cast<float>(last) + std::min(peaks[last], 1.0F)};
    };
    const Extent x = extent(column_peak);
    const Extent y = extent(row_peak);
    return {x.from, y.from, x.to, y.to};
}

/// A square with the box's centre that holds it, with a side of at least `least`.
Square square_around(const Box& box, float least) {
    const float side = std::max({box.width(), box.height(), least});
    return {0.5F * (box.left + box.right - side), 0.5F * (box.top + box.bottom - side), side};
}

/// How much of each source pixel falls into each of `scaled_size` equal parts of [start, start + side), along one axis.
struct Part {
    std::size_t first = 0;
    std::vector<float> weights;  // sum to the share of the part that lies on the raster
};

std::vector<Part> parts_of(float start, float side, std::size_t pixels) {
    std::vector<Part> parts(scaled_size);
    const float length = side / static_cast<float>(scaled_size);
    for (std::size_t i = 0; i < scaled_size; ++i) {
        const float from = std::max(start + static_cast<float>(i) * length, 0.0F);
        const float to = std::min(start + static_cast<float>(i + 1) * length, static_cast<float>(pixels));
        if (!(to > from)) continue;
        parts[i].first = static_cast<std::size_t>(from);
        for (std::size_t p = parts[i].first; p < pixels && static_cast<float>(p) < to; ++p) {
            const float overlap = std::min(to, static_cast<float>(p + 1)) - std::max(from, static_cast<float>(p));
            parts[i].weights.push_back(overlap / length);
        }
    }
    return parts;
}

/// Area average of a square of the raster (in its pixels); what lies outside the raster is paper.
Tensor area_average(const Tensor& raster, const Square& square) {
    const std::size_t columns = raster.shape()[2];
    const std::vector<Part> row_parts = parts_of(square.top, square.side, raster.shape()[1]);
    const std::vector<Part> column_parts = parts_of(square.left, square.side, columns);
    Tensor scaled = zeros({1, scaled_size, scaled_size, 1});
    std::vector<float> line(columns);
    for (std::size_t r = 0; r < scaled_size; ++r) {
        const Part& rows = row_parts[r];
        std::ranges::fill(line, 0.0F);
        for (std::size_t k = 0; k < rows.weights.size(); ++k) {
            const float* in = raster.data() + (rows.first + k) * columns;
            for (std::size_t c = 0; c < columns; ++c) line[c] += rows.weights[k] * in[c];
        }
        for (std::size_t c = 0; c < scaled_size; ++c) {
            const Part& part = column_parts[c];
            float sum = 0.0F;
            for (std::size_t k = 0; k < part.weights.size(); ++k) sum += part.weights[k] * line[part.first + k];
            scaled(0, r, c, 0) = std::min(sum, 1.0F);
        }
    }
    return scaled;
}

/// Puts `scaled` at its row and column of `image`.
void place_scaled(NormalisedDrawing& drawing) {
    drawing.image = zeros({1, image_size, image_size, 1});
    for (std::size_t r = 0; r < scaled_size; ++r) {
        const std::size_t to =
            (r + static_cast<std::size_t>(drawing.row)) * image_size + static_cast<std::size_t>(drawing.column);
        std::copy_n(drawing.scaled.data() + r * scaled_size, scaled_size, drawing.image.data() + to);
    }
}

/// Fills what follows from `raster`: `scaled`, `image`, the shift and the transform. `crop` is the square in pixels.
void finish(NormalisedDrawing& drawing, const Square& crop) {
    drawing.scaled = area_average(drawing.raster, crop);
    double mass = 0.0;
    double row_moment = 0.0;
    double column_moment = 0.0;
    for (std::size_t r = 0; r < scaled_size; ++r) {
        for (std::size_t c = 0; c < scaled_size; ++c) {
            const double ink = drawing.scaled(0, r, c, 0);
            mass += ink;
            row_moment += ink * static_cast<double>(r);
            column_moment += ink * static_cast<double>(c);
        }
    }
    if (mass > 0.0) {
        constexpr int most = static_cast<int>(image_size - scaled_size);
        constexpr double centre = static_cast<double>(image_size) / 2.0;
        drawing.row = std::clamp(static_cast<int>(std::lround(centre - row_moment / mass)), 0, most);
        drawing.column = std::clamp(static_cast<int>(std::lround(centre - column_moment / mass)), 0, most);
    }
    place_scaled(drawing);
    drawing.scale = static_cast<float>(scaled_size) / drawing.square.side;
    drawing.offset_x = static_cast<float>(drawing.column) - drawing.scale * drawing.square.left;
    drawing.offset_y = static_cast<float>(drawing.row) - drawing.scale * drawing.square.top;
}

/// Whether the geometry of the pen strokes alone does not tell where the ink is.
bool needs_measuring(const Drawing& drawing) {
    return std::ranges::any_of(drawing.strokes, [&](const Stroke& stroke) {
        return stroke.eraser || std::ranges::any_of(stroke.points, [&](const Point& p) {
                   return !(p.x >= 0.0F && p.x <= drawing.width && p.y >= 0.0F && p.y <= drawing.height);
               });
    });
}

}  // namespace

NormalisedDrawing normalise(const Drawing& drawn) {
    NormalisedDrawing result;
    result.box = stroke_bounds(drawn);
    float pen = 0.0F;
    for (const Stroke& stroke : drawn.strokes) {
        if (!stroke.eraser && !stroke.points.empty()) pen = std::max(pen, stroke.width);
    }
    Drawing thick;
    const Drawing* drawing = &drawn;
    const auto enclose = [&] {
        result.square = square_around(result.box, least_pen_widths * pen);
        const float least = least_stroke / static_cast<float>(scaled_size) * result.square.side;
        const bool thin = has_thinner(drawn, least);
        if (thin) thick = thickened(drawn, least);
        drawing = thin ? &thick : &drawn;
        return thin;
    };
    // Thicker strokes make the square larger, and that the strokes thicker, each time by less than a tenth as much.
    for (int round = 0; round < 6 && !result.box.empty() && enclose(); ++round) result.box = stroke_bounds(*drawing);
    const auto show = [&] {
        enclose();
        result.raster = rasterise(*drawing, result.square.left, result.square.top, result.square.side, raster_size);
    };
    if (!result.box.empty()) {
        show();
        // An eraser, or the board's edge, may have left less than the strokes' box: measure what is left, twice,
        // because the second raster shows it larger and so measures it more finely.
        for (int round = 0; round < 2 && needs_measuring(drawn) && !result.box.empty(); ++round) {
            const Box pixels = ink_box(result.raster);
            const float unit = result.square.side / static_cast<float>(raster_size);
            const Square from = result.square;
            result.box = {from.left + unit * pixels.left, from.top + unit * pixels.top, from.left + unit * pixels.right,
                          from.top + unit * pixels.bottom};
            if (!pixels.empty()) show();
        }
    }
    if (result.box.empty()) {
        result.box = {};
        result.square = {0.0F, 0.0F, std::max(drawn.width, drawn.height)};
        result.raster = zeros({1, raster_size, raster_size, 1});
    }
    finish(result, whole_raster);
    return result;
}

Tensor strokes_alone(const Drawing& drawing) {
    const NormalisedDrawing whole = normalise(drawing);
    const float least = least_stroke / static_cast<float>(scaled_size) * whole.square.side;
    std::vector<Tensor> pictures;
    for (std::size_t i = 0; i < drawing.strokes.size(); ++i) {
        if (drawing.strokes[i].eraser) continue;
        Drawing alone{drawing.width, drawing.height, {drawing.strokes[i]}};
        for (std::size_t later = i + 1; later < drawing.strokes.size(); ++later) {
            if (drawing.strokes[later].eraser) alone.strokes.push_back(drawing.strokes[later]);
        }
        if (has_thinner(alone, least)) alone = thickened(alone, least);
        NormalisedDrawing picture = whole;
        picture.raster = rasterise(alone, whole.square.left, whole.square.top, whole.square.side, raster_size);
        picture.scaled = area_average(picture.raster, whole_raster);
        place_scaled(picture);
        pictures.push_back(std::move(picture.image));
    }
    Tensor all(Shape{pictures.size(), image_size, image_size, 1});
    for (std::size_t i = 0; i < pictures.size(); ++i) std::ranges::copy(elements(pictures[i]), sample(all, i).begin());
    return all;
}

NormalisedDrawing normalise(const Tensor& raster) {
    const auto& s = raster.shape();
    if (s[0] != 1 || s[1] == 0 || s[2] == 0 || s[3] != 1) {
        fail(ErrorCode::bad_shape, "one grey image (1, rows, columns, 1) is normalised, not {}",
             to_string(Shape{s[0], s[1], s[2], s[3]}));
    }
    for (const float ink : elements(raster)) {
        if (!std::isfinite(ink))
            fail(ErrorCode::bad_argument, "ink is a finite number, ink 1 and paper 0, not {}", ink);
    }
    NormalisedDrawing result;
    result.raster = raster;
    result.box = ink_box(raster);
    const Box whole = {0.0F, 0.0F, static_cast<float>(s[2]), static_cast<float>(s[1])};
    result.square = square_around(result.box.empty() ? whole : result.box, 0.0F);
    if (result.box.empty()) result.raster = zeros({1, s[1], s[2], 1});
    finish(result, result.square);
    return result;
}

}  // namespace pellucid
