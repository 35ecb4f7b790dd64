/// One way in for the command's inputs. Native builds only.
#pragma once

#include "pellucid/data/npy.hpp"

#include <string>

namespace pellucid {

/// Reads images from a file, told apart by its first bytes, never by its name:
/// .npy (as read_npy), PNG (grey, turned to ink 1 on paper 0 as to_ink says; rank 2), IDX images, plain or gzip (rank 3).
///
/// `place` is a path, or a path and "#index": only that image, counted from 0, of rank 2 (rank 4 where it has several
/// channels). A path whose own name ends in "#digits" is taken whole where such a file exists.
/// Error(bad_file): missing, damaged or none of these; Error(bad_argument): no image with that index.
Images load_input(const std::string& place);

}  // namespace pellucid
