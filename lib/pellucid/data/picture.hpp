/// A picture as its file has it, and what it becomes for a network. Native builds only.
#pragma once

#include "pellucid/tensor.hpp"

#include <cstdint>
#include <memory>
#include <span>
#include <string>

namespace pellucid {

/// A decoded PNG: red, green, blue and alpha of every pixel, 8 or 16 bits each; grey and palettes are spread out.
class Picture {
public:
    /// Sizes up to 16384 each way. Error(bad_file): not a PNG, damaged, too large. `name` is what messages call the
    /// bytes.
    Picture(std::span<const std::uint8_t> bytes, const std::string& name);

    std::size_t height() const { return height_; }
    std::size_t width() const { return width_; }
    std::size_t pixels() const { return height_ * width_; }
    int bits() const { return wide_ ? 16 : 8; }
    /// 0 … 1.
    float red(std::size_t pixel) const { return at(4 * pixel); }
    float green(std::size_t pixel) const { return at(4 * pixel + 1); }
    float blue(std::size_t pixel) const { return at(4 * pixel + 2); }
    float alpha(std::size_t pixel) const { return at(4 * pixel + 3); }
    /// Rec. 601 luma of the colour, whatever its alpha.
    float luma(std::size_t pixel) const;

    bool has_colour() const;
    /// Some pixels are less opaque than others. (One alpha everywhere hides nothing: the content is in the colours.)
    bool has_transparency() const;

private:
    float at(std::size_t i) const;

    std::size_t height_ = 0, width_ = 0;
    bool wide_ = false;
    std::unique_ptr<void, void (*)(void*)> values_;
};

/// The brightness of what transparent pixels show, 0 or 1, decided by where the content is. Where most of what is
/// opaque is nearly white or nearly black and something on it is not, that is paper, and goes on. Else the content is
/// the opaque part's shape, and the ground is what it stands out from: white behind dark ink, black behind light.
float ground_of(const Picture& picture);

/// (1, H, W, 1) of luma, or (1, H, W, 3), laid over a ground of that brightness; a picture without transparency is
/// taken as opaque.
Tensor laid_over(const Picture& picture, float ground, std::size_t channels);

}  // namespace pellucid
