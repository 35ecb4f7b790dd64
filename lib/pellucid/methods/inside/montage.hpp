/// Layers as pictures: a picture of each channel, vectors as rectangles, many small pictures in one.
#pragma once

#include "pellucid/methods/result.hpp"

namespace pellucid::methods {

/// Each channel of (N, h, w, K) as a picture (N, h, w, 1), numbered as the channels are. Of a vector, (N, 1, 1, K), one
/// picture with all units, row by row in a rectangle as near to a square as K allows.
Frames channel_pictures(const Tensor& value);

/// All channels of (1, h, w, K) side by side, row by row, with a line of zeros between; one channel stays as it is.
Tensor montage(const Tensor& channels);

}  // namespace pellucid::methods
