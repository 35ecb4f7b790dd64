/// An affine map of each channel: what BatchNorm and Affine share.
///
/// Formula   y = factor·x + offset; backward: factor ⊙ g
/// Shapes    x, y (N, h, w, C); factor, offset C numbers
/// Cost      one multiply-add per element forward, one product backward
#include "pellucid/error.hpp"
#include "pellucid/nn/layers.hpp"
#include "pellucid/nn/layers/work.hpp"

#include <algorithm>
#include <cmath>

namespace pellucid {

namespace {

/// to = factor ⊙ from + offset per channel; `offset` null = no offset.
void map_channels(const std::vector<float>& factor, const float* offset, const Tensor& from, Tensor& to) {
    const float* f = factor.data();
    const std::size_t channels = factor.size();
    const float* x = from.data();
    float* y = to.data();
    parallel_for(to.size() / channels, detail::grain(4 * channels), [&](std::size_t first, std::size_t last) {
        for (std::size_t i = first * channels; i < last * channels; i += channels) {
            if (offset != nullptr) {
                for (std::size_t c = 0; c < channels; ++c) y[i + c] = f[c] * x[i + c] + offset[c];
            } else {
                for (std::size_t c = 0; c < channels; ++c) y[i + c] = f[c] * x[i + c];
            }
        }
    });
}

}  // namespace

void ChannelMap::refresh_map() {
    const auto map = affine();
    factor_.assign(map.first.begin(), map.first.end());
    offset_.assign(map.second.begin(), map.second.end());
}

Shape ChannelMap::same_channels(std::string_view what, const Shape& input) const {
    if (input[3] != factor_.size()) {
        fail(ErrorCode::bad_shape, "{} of {} channels cannot read {}, which has {}", what, factor_.size(),
             to_string(input), input[3]);
    }
    return input;
}

void ChannelMap::forward(std::span<const Tensor* const> inputs, Tensor& output, Record&) const {
    map_channels(factor_, offset_.data(), *inputs[0], output);
}

void ChannelMap::input_gradient(const Step&, const Tensor& incoming, std::span<Tensor* const> gradients) const {
    if (gradients[0] != nullptr) map_channels(factor_, nullptr, incoming, *gradients[0]);
}

Affine::Affine(std::vector<double> factor, std::vector<double> offset)
    : exact_factor_(std::move(factor)), exact_offset_(std::move(offset)) {
    const auto usable = [](double value) { return std::isfinite(static_cast<float>(value)); };
    if (exact_factor_.empty() || exact_factor_.size() != exact_offset_.size() ||
        !std::ranges::all_of(exact_factor_, usable) || !std::ranges::all_of(exact_offset_, usable)) {
        fail(ErrorCode::bad_argument, "an Affine needs one finite factor and offset per channel, not {} and {}",
             exact_factor_.size(), exact_offset_.size());
    }
    refresh_map();
}

}  // namespace pellucid
