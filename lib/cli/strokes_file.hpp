/// Drawings as JSON.
///
/// [[[x, y], …], …]: a list of strokes, each a list of points, in units of a board of 280 × 280; or an object with
/// these strokes and what belongs to them:
///   {"width": 280, "height": 280, "pen": 23.8, "strokes": [[[x, y], …], {"points": […], "width": 20, "eraser": true},
///     …]}
/// A third number of a point is its time in milliseconds, which nothing needs.
#pragma once

#include "pellucid/data/drawing.hpp"

#include <string>

namespace pellucid::cli {

/// Error(bad_file) names the file, and what is wrong in it.
Drawing load_strokes(const std::string& path);

void save_strokes(const std::string& path, const Drawing& drawing);

}  // namespace pellucid::cli
