#include "pellucid/methods/perturbation/groups.hpp"

#include "pellucid/error.hpp"
#include "pellucid/methods/perturbation/superpixels.hpp"
#include "pellucid/methods/resources.hpp"

#include <algorithm>
#include <cmath>

namespace pellucid::methods {

void describe(Fields& f, GroupParams& p) {
    f.choice("groups", p.kind, {"grid", "superpixels", "strokes", "map"},
             "what is hidden together: rectangles, pieces that follow the drawing, its strokes, or a map of yours");
    f.integer("cells", p.cells, {1, 64}, "groups along each side").when("groups", {"grid", "superpixels"});
    f.real("compactness", p.compactness, {0, 100},
           "how much a superpixel keeps together in space rather than in ink: at this difference of ink, a cell's side "
           "counts as much")
        .rarely()
        .when("groups", {"superpixels"});
    f.image("group_map", p.map, "the number of every pixel's group, from 0, (1, H, W, 1)")
        .replay()
        .when("groups", {"map"});
}

namespace {

/// How many equal cells fit along a side of `extent` pixels.
std::size_t cells_along(std::size_t cells, std::size_t extent) { return std::min(cells, extent); }

void cells_of_grid(const Shape& shape, std::size_t cells, Grouping& grouping) {
    const std::size_t rows = cells_along(cells, shape[1]), columns = cells_along(cells, shape[2]);
    for (std::size_t n = 0; n < shape[0]; ++n) {
        for (std::size_t y = 0; y < shape[1]; ++y) {
            for (std::size_t x = 0; x < shape[2]; ++x) {
                grouping.of_pixel.push_back(
                    static_cast<std::uint32_t>(y * rows / shape[1] * columns + x * columns / shape[2]));
            }
        }
    }
    for (std::size_t r = 0; r < rows; ++r) {
        for (std::size_t c = 0; c < columns; ++c) {
            grouping.names.push_back(fmt::format("row {}, column {}", r + 1, c + 1));
        }
    }
}

void groups_of_map(const Tensor* map, const Shape& shape, std::string_view id, Grouping& grouping) {
    if (map == nullptr) {
        fail(ErrorCode::bad_argument, "{}: groups=map needs a group_map with the number of every pixel's group", id);
    }
    const std::size_t pixels = shape[1] * shape[2];
    // A plain (H, W) file has one channel; (1, 1, 1, H·W) and the like are no pictures.
    if (Shape(map->shape()) != Shape{1, shape[1], shape[2], 1}) {
        fail(ErrorCode::bad_shape, "{}: a group_map of shape {} does not cover inputs of shape {}; (1, {}, {}, 1) does",
             id, to_string(Shape(map->shape())), to_string(shape), shape[1], shape[2]);
    }
    std::vector<bool> used;
    for (std::size_t i = 0; i < pixels; ++i) {
        const float number = map->data()[i];
        if (!(number >= 0.0F && number < static_cast<float>(pixels)) || number != std::floor(number)) {
            fail(ErrorCode::bad_argument,
                 "{}: the group_map has {} at row {}, column {}; every pixel needs the number of its group, a whole "
                 "number from 0 to {} at most",
                 id, number, i / shape[2], i % shape[2], pixels - 1);
        }
        const auto group = static_cast<std::size_t>(number);
        if (used.size() <= group) used.resize(group + 1);
        used[group] = true;
        grouping.of_pixel.push_back(static_cast<std::uint32_t>(group));
    }
    const auto unused = std::find(used.begin(), used.end(), false);
    if (unused != used.end()) {
        fail(ErrorCode::bad_argument,
             "{}: the group_map has no pixel in group {}, but some in group {}; number them 0, 1, 2, …", id,
             unused - used.begin(), used.size() - 1);
    }
    for (std::size_t g = 0; g < used.size(); ++g) grouping.names.push_back(fmt::format("group {}", g));
    for (std::size_t n = 1; n < shape[0]; ++n) {
        grouping.of_pixel.insert(grouping.of_pixel.end(), grouping.of_pixel.begin(),
                                 grouping.of_pixel.begin() + static_cast<std::ptrdiff_t>(pixels));
    }
}

void groups_of_strokes(const Request& request, Grouping& grouping) {
    const Tensor& alone = stroke_pictures(request);
    const std::size_t pixels = alone.shape()[1] * alone.shape()[2], strokes = alone.shape()[0];
    for (std::size_t n = 0; n < request.input.shape()[0]; ++n) {
        for (std::size_t p = 0; p < pixels; ++p) {
            std::size_t owner = strokes;
            float most = 0.0F;
            for (std::size_t s = 0; s < strokes; ++s) {
                if (sample(alone, s)[p] <= most) continue;
                most = sample(alone, s)[p];
                owner = s;
            }
            grouping.of_pixel.push_back(static_cast<std::uint32_t>(owner));
        }
    }
    for (std::size_t s = 0; s < strokes; ++s) grouping.names.push_back(fmt::format("stroke {}", s + 1));
    grouping.names.emplace_back("paper");
}

}  // namespace

const Tensor& stroke_pictures(const Request& request) {
    const Tensor& alone = request.with->strokes().alone;
    const Shape shape = request.input.shape();
    if (alone.shape()[0] == 0) {
        fail(ErrorCode::bad_argument, "{}: the drawing has no strokes of a pen; one at least is needed",
             request.params.card().id);
    }
    if (alone.shape()[1] != shape[1] || alone.shape()[2] != shape[2]) {
        fail(ErrorCode::bad_shape,
             "{}: the strokes are drawn on {} × {} pixels, the input has {} × {}; they must be the same",
             request.params.card().id, alone.shape()[1], alone.shape()[2], shape[1], shape[2]);
    }
    return alone;
}

Grouping group_pixels(const Request& request, const GroupParams& p) {
    const Shape shape = request.input.shape();
    Grouping grouping;
    if (p.map != nullptr || p.kind == GroupKind::map) {
        groups_of_map(p.map.get(), shape, request.params.card().id, grouping);
        return grouping;
    }
    if (p.kind == GroupKind::strokes) {
        groups_of_strokes(request, grouping);
        return grouping;
    }
    cells_of_grid(shape, p.cells, grouping);
    if (p.kind == GroupKind::grid) return grouping;
    const float extent = input_range(request.explainer.network()).extent();
    for (std::size_t n = 0; n < shape[0]; ++n) {
        fit_superpixels(batch_slice(request.input, n, 1), grouping.count(), static_cast<double>(p.compactness * extent),
                        std::span(grouping.of_pixel).subspan(n * shape[1] * shape[2], shape[1] * shape[2]));
    }
    for (std::size_t g = 0; g < grouping.count(); ++g) grouping.names[g] = fmt::format("superpixel {}", g + 1);
    return grouping;
}

Tensor painted(const Grouping& grouping, const Tensor& scores, const Shape& input) {
    Tensor map(Shape{input[0], input[1], input[2], 1});
    const std::size_t pixels = input[1] * input[2];
    for (std::size_t i = 0; i < map.size(); ++i) {
        map.data()[i] = scores.data()[i / pixels * grouping.count() + grouping.of_pixel[i]];
    }
    return map;
}

}  // namespace pellucid::methods
