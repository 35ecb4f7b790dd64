#include "pellucid/nn/overlay.hpp"

#include <algorithm>

namespace pellucid {

Rect bounding(const Rect& a, const Rect& b) {
    if (a.empty()) return b;
    if (b.empty()) return a;
    return {std::min(a.top, b.top), std::min(a.left, b.left), std::max(a.bottom, b.bottom), std::max(a.right, b.right)};
}

void Overlays::reset(std::size_t count, std::size_t rows, std::size_t columns, std::size_t channels) {
    reset(count, rows, columns, channels, count * columns);
}

void Overlays::reset(std::size_t count, std::size_t rows, std::size_t columns, std::size_t channels,
                     std::size_t width) {
    channels_ = channels;
    cell_ = columns * channels;
    step_ = width * channels;
    // The last cell may reach beyond the last row's end.
    const std::size_t size = rows * step_ + cell_;
    if (data_.size() < size) data_.resize(size);
    if (cells_.size() < count) cells_.resize(count);
    std::fill_n(cells_.begin(), count, Cell{});
}

void Overlays::place(std::size_t p, const Rect& rect, std::size_t y, std::size_t x) {
    cells_[p] = {rect.empty() ? Rect{} : rect, p * cell_ + y * step_ + x * channels_};
}

bool Overlays::all_empty(std::size_t count) const {
    return std::all_of(cells_.begin(), cells_.begin() + static_cast<std::ptrdiff_t>(count),
                       [](const Cell& cell) { return cell.rect.empty(); });
}

void write_row(const Patched& value, std::size_t y, std::size_t left, std::size_t right, float* to) {
    const std::size_t channels = value.shape[3];
    std::copy_n(value.at(y, left), (right - left) * channels, to);
    const Rect& rect = value.rect();
    const std::size_t first = std::max(left, rect.left), last = std::min(right, rect.right);
    if (y < rect.top || y >= rect.bottom || first >= last) return;
    std::copy_n(value.overlays.row(value.p, y) + (first - rect.left) * channels, (last - first) * channels,
                to + (first - left) * channels);
}

void write_out(const Patched& value, float* to) {
    const std::size_t channels = value.shape[3];
    std::copy_n(value.base, sample_size(value.shape), to);
    const Rect& rect = value.rect();
    for (std::size_t y = rect.top; y < rect.bottom; ++y) {
        std::copy_n(value.overlays.row(value.p, y), rect.columns() * channels,
                    to + (y * value.shape[2] + rect.left) * channels);
    }
}

Rect changed(const Patched& value) {
    const std::size_t channels = value.shape[3];
    const Rect& rect = value.rect();
    Rect found{};
    for (std::size_t y = rect.top; y < rect.bottom; ++y) {
        const float* const ours = value.overlays.row(value.p, y);
        const float* const theirs = value.at(y, rect.left);
        const std::size_t count = rect.columns() * channels;
        std::size_t first = 0;
        while (first < count && ours[first] == theirs[first]) ++first;
        if (first == count) continue;
        std::size_t last = count;
        while (ours[last - 1] == theirs[last - 1]) --last;
        found = bounding(found, {y, rect.left + first / channels, y + 1, rect.left + (last - 1) / channels + 1});
    }
    return found;
}

}  // namespace pellucid
