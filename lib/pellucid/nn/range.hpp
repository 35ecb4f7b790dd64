/// The range of a network's input: the least and the greatest value that a pixel has, for all channels or for each.
///
/// It is a property of the model. It stands in the metadata as "input_range" and so travels with the ONNX file: two
/// numbers "low,high", or two for each channel, "low,high,low,high,…" (semicolons do as well). A file without it whose
/// graph begins by scaling its input gets it from there (range_from_scaling); any other reads 0 … 1.
///
/// Paper is the low end and ink the high end. Attacks stay within; z_box, baselines, fills and pictures take their
/// bounds from here.
#pragma once

#include "pellucid/nn/network.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace pellucid {

inline constexpr const char* input_range_key = "input_range";

struct InputRange {
    std::vector<float> low{0.0F};  ///< one for all channels, or one for each
    std::vector<float> high{1.0F};

    float low_of(std::size_t channel) const { return low[low.size() == 1 ? 0 : channel]; }
    float high_of(std::size_t channel) const { return high[high.size() == 1 ? 0 : channel]; }
    bool by_channel() const { return low.size() > 1; }
    /// The smallest of the channels' extents high − low.
    float extent() const;
    bool operator==(const InputRange&) const = default;
};

/// Reads "low,high" or that for each channel. Throws Error(bad_argument) that says what would be right.
InputRange parse_range(std::string_view text, std::size_t channels);
/// The text that parse_range() reads.
std::string to_string(const InputRange& range);

/// The range that the model declares. Throws Error(bad_file) where the metadata hold something else.
std::optional<InputRange> declared_range(const Network& network);
/// The same, or 0 … 1.
InputRange input_range(const Network& network);
/// Declares a range, in place of any that there was.
void set_input_range(Network& network, std::string_view text);

/// The range of an input of which the graph first makes scale·x + shift, per channel (or one for all): the one of 0 …
/// 1, 0 … 255 and 0 … 65535 that this brings to the size of ordinary activations, where there is one for all channels.
std::optional<InputRange> range_from_scaling(std::span<const float> scale, std::span<const float> shift);

/// Declares the range that range_from_scaling() reads off a scaling of constants that the network begins with (a layer
/// "Affine"), where the model declares none.
void infer_input_range(Network& network);

/// Throws Error(bad_argument) as check_bounds and check_extent do.
void check_range(const Tensor& input, const Network& network);
/// Throws Error(bad_argument) that names the first value outside the range (by more than rounding), and the ways out.
/// `before`: elements of the input that come before these.
void check_bounds(const Tensor& input, const Network& network, std::size_t before = 0);
/// Throws Error(bad_argument) for an input whose numbers reach from 0 to 1 at most, not all 0, where the range is that
/// of grey values and more: they would be as good as black.
void check_extent(float least, float greatest, const InputRange& range);

/// What share of the way from low to high (0 paper, 1 ink) becomes for this network.
void scale_to_range(Tensor& shares, const InputRange& range);
/// The image (batch, h, w, c) that has that share everywhere.
Tensor filled_within(const Shape& shape, const InputRange& range, float share);

}  // namespace pellucid
