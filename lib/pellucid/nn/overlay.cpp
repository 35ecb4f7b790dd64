#include "pellucid/nn/overlay.hpp"

#include <algorithm>

namespace pellucid {

Rect bounding(const Rect& a, const Rect& b) {
    if (a.empty()) return b;
    if (b.empty()) return a;
    return {std::min(a.top, b.top), std::min(a.left, b.left), std::max(a.bottom, b.bottom), std::max(a.right, b.right)};
}

float* Overlay::reset(const Rect& to, std::size_t channels) {
    rect = to;
    if (data.size() < to.area() * channels) data.resize(to.area() * channels);
    return data.data();
}

void crop(const Patched& value, std::ptrdiff_t top, std::ptrdiff_t left, std::size_t rows, std::size_t columns,
          float outside, simd::AlignedVector& to) {
    const std::size_t channels = value.shape[3];
    const auto height = static_cast<std::ptrdiff_t>(value.shape[1]);
    const auto width = static_cast<std::ptrdiff_t>(value.shape[2]);
    const auto right = left + static_cast<std::ptrdiff_t>(columns);
    const auto inside = [&](std::ptrdiff_t x) { return static_cast<std::size_t>(std::clamp(x, std::ptrdiff_t{0}, width)); };
    const std::size_t first = inside(left), end = inside(right);
    const std::size_t before = first == end ? columns : first - static_cast<std::size_t>(left);
    const Rect& rect = value.overlay.rect;
    const std::size_t changed = std::max(first, rect.left), changed_end = std::min(end, rect.right);
    if (to.size() < rows * columns * channels) to.resize(rows * columns * channels);
    float* line = to.data();
    for (std::size_t r = 0; r < rows; ++r, line += columns * channels) {
        const std::ptrdiff_t row = top + static_cast<std::ptrdiff_t>(r);
        if (row < 0 || row >= height || first >= end) {
            std::fill_n(line, columns * channels, outside);
            continue;
        }
        const auto y = static_cast<std::size_t>(row);
        std::fill_n(line, before * channels, outside);
        float* const after = std::copy_n(value.at(y, first), (end - first) * channels, line + before * channels);
        std::fill(after, line + columns * channels, outside);
        if (y < rect.top || y >= rect.bottom || changed >= changed_end) continue;
        std::copy_n(value.overlay.row(y, channels) + (changed - rect.left) * channels, (changed_end - changed) * channels,
                    line + (before + changed - first) * channels);
    }
}

void write_out(const Patched& value, float* to) {
    const Shape& shape = value.shape;
    std::copy_n(value.base, sample_size(shape), to);
    const Rect& rect = value.overlay.rect;
    for (std::size_t y = rect.top; y < rect.bottom; ++y) {
        std::copy_n(value.overlay.row(y, shape[3]), rect.columns() * shape[3],
                    to + (y * shape[2] + rect.left) * shape[3]);
    }
}

bool differs(const Patched& value) {
    const Rect& rect = value.overlay.rect;
    const std::size_t channels = value.shape[3];
    for (std::size_t y = rect.top; y < rect.bottom; ++y) {
        const float* ours = value.overlay.row(y, channels);
        if (!std::equal(ours, ours + rect.columns() * channels, value.at(y, rect.left))) return true;
    }
    return false;
}

void shrink(const Shape& shape, const float* base, Overlay& overlay) {
    const std::size_t channels = shape[3];
    const Rect old = overlay.rect;
    Rect changed{};
    for (std::size_t y = old.top; y < old.bottom; ++y) {
        const float* ours = overlay.row(y, channels);
        const float* theirs = base + (y * shape[2] + old.left) * channels;
        for (std::size_t x = old.left; x < old.right; ++x, ours += channels, theirs += channels) {
            if (!std::equal(ours, ours + channels, theirs)) changed = bounding(changed, {y, x, y + 1, x + 1});
        }
    }
    // In place, top down: a row never moves behind where it is still to be read.
    for (std::size_t y = changed.top; y < changed.bottom; ++y) {
        const float* from = overlay.row(y, channels) + (changed.left - old.left) * channels;
        std::copy_n(from, changed.columns() * channels, overlay.data.data() + (y - changed.top) * changed.columns() * channels);
    }
    overlay.rect = changed;
}

}  // namespace pellucid
