/// Pixels in groups: what perturbation methods hide or show together.
#pragma once

#include "pellucid/methods/method.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace pellucid::methods {

enum class GroupKind : std::uint8_t { grid, superpixels, strokes, map };

/// The parameters `groups`, `cells`, `compactness` and `group_map`.
struct GroupParams {
    GroupKind kind = GroupKind::superpixels;
    std::size_t cells = 7;
    float compactness = 0.2F;
    std::shared_ptr<const Tensor> map;
};
void describe(Fields& f, GroupParams& p);

/// The group of every pixel of every input. All inputs have as many groups; a group can be empty.
struct Grouping {
    std::vector<std::string> names;       ///< one for each group
    std::vector<std::uint32_t> of_pixel;  ///< inputs · rows · columns
    std::size_t count() const { return names.size(); }
};

/// grid: cells × cells rectangles, as even as whole pixels allow, no more than there are pixels along a side.
/// superpixels: that grid, fitted to the drawing (superpixels.hpp). strokes: every pixel belongs to the stroke that
/// draws most there (the earlier one of two), and to the paper, the last group, where none does. map: what is given,
/// for all inputs.
/// Throws Error where there are no strokes, where strokes or map have another size than the input, and where the map
/// holds what is no group's number, or leaves numbers out.
Grouping group_pixels(const Request& request, const GroupParams& p);

/// What each stroke draws alone, (S, H, W, 1), of the drawing that the request has. Throws Error where there is none,
/// or one without strokes, or of another size than the input.
const Tensor& stroke_pictures(const Request& request);

/// A map (N, H, W, 1) that paints every group's number, scores (N, 1, 1, groups), on all of its pixels, as captum does.
Tensor painted(const Grouping& grouping, const Tensor& scores, const Shape& input);

}  // namespace pellucid::methods
