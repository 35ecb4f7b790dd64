/// One way in for the command's inputs. Native builds only.
#pragma once

#include "pellucid/data/npy.hpp"
#include "pellucid/nn/range.hpp"

#include <string>

namespace pellucid {

/// Whether light and dark change places: auto_ turns pictures round for networks that read digits, which have ink 1 on
/// paper 0, where most of the picture is bright.
enum class Invert { auto_, yes, no };

/// How an input is meant.
struct InputForm {
    std::size_t channels = 1;  ///< that the network reads
    bool digits = true;        ///< the network reads digits: see Invert
    InputRange range = {};     ///< what 0 … 1 of a picture, or 0 … 255 of integers, becomes
    Invert invert = Invert::auto_;
    /// What the axes of an array are: letters of N, H, W and C in the file's order ("NCHW", "CHW", "HW"), or the sizes
    /// H,W or H,W,C of the images that a flat array holds. Empty: (H, W), (N, H, W) or (N, H, W, C).
    std::string shape = {};
    bool as_it_is = false;  ///< numbers, no images: nothing is scaled or turned round
};

/// The form that a network's inputs have. Digits are what is read in one channel and told apart into ten classes.
InputForm form_of(const Network& network);

/// What was read, and how it was taken.
struct ReadInput {
    Images images;
    std::string how;  ///< in words: "8-bit grey PNG, 0 … 255 to 0 … 1, inverted because …"
    bool inverted = false;
};

/// Reads images from a file, told apart by its first bytes, never by its name: .npy (floating numbers as they are,
/// integers as grey_to_share says), PNG, IDX images, plain or gzip. A PNG has rank 2 in one channel, 4 in three; grey
/// ones serve networks of three channels, and colours become their luma for one. Transparency: ground_of().
///
/// `place` is a path, or a path and "#index": only that image, counted from 0, of rank 2 (rank 4 where it has several
/// channels). A path whose own name ends in "#digits" is taken whole where such a file exists.
/// Error(bad_file): missing, damaged, none of these, a picture without content; Error(bad_argument): no image with that
/// index, a shape that does not fit.
ReadInput read_input(const std::string& place, const InputForm& form);

/// The images alone, as a network reads them that reads digits 0 … 1.
Images load_input(const std::string& place);

}  // namespace pellucid
