/// Hairlines drawn as thick as a network knows strokes.
#pragma once

#include "pellucid/data/drawing.hpp"

namespace pellucid {

/// Whether a pen stroke of the drawing is thinner than `least`.
bool has_thinner(const Drawing& drawing, float least);

/// The drawing with every pen stroke thinner than `least` made that thick. Thickening comes after erasing: such a
/// stroke is cut where a later eraser has gone over its middle, and what is left of it is drawn last, so that an eraser
/// that removed the hairline leaves nothing, and one that passed beside it takes nothing away.
Drawing thickened(const Drawing& drawing, float least);

}  // namespace pellucid
