/// How the patches of a chunk cross a convolution or a max-pool, side by side; other layers: patch_layers.cpp.
#include "pellucid/nn/patch_evaluator.hpp"

#include <algorithm>
#include <limits>

namespace pellucid {

namespace {

using Signed = std::ptrdiff_t;
Signed signed_of(std::size_t value) { return static_cast<Signed>(value); }
std::size_t size_of(Signed value) { return static_cast<std::size_t>(value); }

/// The largest multiple of `step` that is not above.
Signed align_down(Signed value, Signed step) { return (value >= 0 ? value : value - step + 1) / step * step; }
std::size_t align_up(std::size_t value, std::size_t step) { return (value + step - 1) / step * step; }

void grow(simd::AlignedVector& vector, std::size_t size) {
    if (vector.size() < size) vector.resize(size);
}

/// `columns` pixels from column `left` on of a row of the value, zeros outside the image; `row` null = all outside.
void copy_clipped(const float* row, std::size_t width, Signed left, std::size_t columns, std::size_t channels,
                  float* to) {
    const Signed first = std::clamp(left, Signed{0}, signed_of(width));
    const Signed last = row == nullptr ? first : std::clamp(left + signed_of(columns), first, signed_of(width));
    const std::size_t before = row == nullptr ? columns : size_of(std::min(first - left, signed_of(columns)));
    to = std::fill_n(to, before * channels, 0.0F);
    if (row == nullptr) return;
    const std::size_t inside = size_of(last - first);
    to = std::copy_n(row + size_of(first) * channels, inside * channels, to);
    std::fill_n(to, (columns - before - inside) * channels, 0.0F);
}

bool halves(const Windows& w) { return w.kernel_h == 2 && w.kernel_w == 2 && w.stride_h == 2 && w.stride_w == 2; }

}  // namespace

/// The outputs that a box of changed inputs reaches, before and behind the pooling.
PatchEvaluator::Reach PatchEvaluator::reach(const PatchStage& stage, const Rect& box) const {
    const Rect reached = stage.windows.reached(box, network_.shape(stage.node + 1));
    if (!stage.pools) return {reached, reached};
    const Rect pooled = stage.pool.reached(reached, network_.shape(stage.value));
    return {stage.pool.under(pooled), pooled};
}

void PatchEvaluator::cross_stamps(const PatchStage& stage) {
    const ValueId input = network_.nodes()[stage.node].inputs[0];
    const Shape& to = network_.shape(stage.node + 1);
    const Windows& w = stage.windows;
    const std::size_t channels = to[3];
    const Signed align_h = stage.pools ? signed_of(stage.pool.stride_h) : 1;
    const Signed align_w = stage.pools ? signed_of(stage.pool.stride_w) : 1;
    changes_.count = 0;
    if (cells_.size() < count_) cells_.resize(count_);
    std::size_t rows = stage.pools ? stage.pool.kernel_h : 1, pitch = stage.pools ? stage.pool.kernel_w : 1;
    for (std::size_t p = 0; p < count_; ++p) {
        Cell& cell = cells_[p];
        cell = {};
        cell.first = changes_.count;
        if (find_changes(input, p, changes_) == 0) continue;
        const std::uint32_t* const places = changes_.places.data();
        const Rect& rect = overlays_[input].rect(p);
        std::uint32_t left = 0xFFFFU, right = 0;
        for (std::size_t i = cell.first; i < changes_.count; ++i) {
            left = std::min(left, places[i] & 0xFFFFU);
            right = std::max(right, places[i] & 0xFFFFU);
        }
        const Rect box{rect.top + (places[cell.first] >> 16U), rect.left + left,
                       rect.top + (places[changes_.count - 1] >> 16U) + 1, rect.left + right + 1};
        cell.reach = reach(stage, box);
        // All that the stamps touch, inside the image or not, and all that the pooling will look at: the first window
        // that a stamp reaches begins before it where windows overlap.
        const Rect& computed = cell.reach.computed;
        cell.y = align_down(signed_of(box.top + w.pad_top + 1) - signed_of(w.kernel_h), align_h);
        cell.x = align_down(signed_of(box.left + w.pad_left + 1) - signed_of(w.kernel_w), align_w);
        if (!computed.empty()) {
            cell.y = std::min(cell.y, signed_of(computed.top));
            cell.x = std::min(cell.x, signed_of(computed.left));
        }
        cell.rows = size_of(signed_of(std::max(box.bottom + w.pad_top, computed.bottom)) - cell.y);
        cell.columns = size_of(signed_of(std::max(box.right + w.pad_left, computed.right)) - cell.x);
        rows = std::max(rows, cell.rows);
        pitch = std::max(pitch, cell.columns);
    }
    pitch = align_up(pitch, size_of(align_w));
    Overlays& field = stage.pools ? field_ : overlays_[stage.value];
    field.reset(count_, rows, pitch, channels);
    if (targets_.size() < changes_.count) targets_.resize(changes_.count);
    const float* const base = base_data(stage.node + 1);
    const std::size_t step = field.step();
    for (std::size_t p = 0; p < count_; ++p) {
        const Cell& cell = cells_[p];
        const std::size_t end = p + 1 < count_ ? cells_[p + 1].first : changes_.count;
        if (cell.first == end) continue;
        float* line = field.cell(p);
        for (std::size_t r = 0; r < cell.rows; ++r, line += step) {
            const Signed y = cell.y + signed_of(r);
            const float* const row = y >= 0 && y < signed_of(to[1]) ? base + size_of(y) * to[2] * channels : nullptr;
            copy_clipped(row, to[2], cell.x, cell.columns, channels, line);
        }
        const Rect& rect = overlays_[input].rect(p);
        const std::size_t top = size_of(signed_of(rect.top + w.pad_top + 1) - signed_of(w.kernel_h) - cell.y);
        const std::size_t left = size_of(signed_of(rect.left + w.pad_left + 1) - signed_of(w.kernel_w) - cell.x);
        for (std::size_t i = cell.first; i < end; ++i) {
            const std::uint32_t place = changes_.places[i];
            targets_[i] = field.cell(p) + (top + (place >> 16U)) * step + (left + (place & 0xFFFFU)) * channels;
        }
    }
    const simd::PackedWeights& weights = stage.conv->prepared().forward;
    const std::size_t tap = weights.in_c * simd::pack_block;
    simd::ScatteredProducts products{.count = changes_.count,
                                     .in_c = weights.in_c,
                                     .out_c = channels,
                                     .in = changes_.by.data(),
                                     .rows = nullptr,
                                     .weights = weights.data.data(),
                                     .weight_step = w.kernel_h * w.kernel_w * tap,
                                     .out = targets_.data(),
                                     .offset = 0};
    if (changes_.count > 0) {
        for (std::size_t ky = 0; ky < w.kernel_h; ++ky) {
            for (std::size_t kx = 0; kx < w.kernel_w; ++kx, products.weights += tap) {
                products.offset = (w.kernel_h - 1 - ky) * step + (w.kernel_w - 1 - kx) * channels;
                simd::kernels().scatter_products(products);
            }
        }
    }
    finish(stage, rows, count_ * pitch, pitch);
}

void PatchEvaluator::cross_windows(const PatchStage& stage, Canvas& canvas) {
    const ValueId input = network_.nodes()[stage.node].inputs[0];
    const Windows& w = stage.windows;
    const std::size_t in_c = network_.shape(input)[3];
    const std::size_t out_c = network_.shape(stage.node + 1)[3];
    if (cells_.size() < count_) cells_.resize(count_);
    std::size_t rows = stage.pools ? stage.pool.kernel_h : 1, columns = stage.pools ? stage.pool.kernel_w : 1;
    for (std::size_t p = 0; p < count_; ++p) {
        cells_[p] = {};
        const Patched in = patched(input, p);
        const Rect box = stage.conv != nullptr ? changed(in) : in.rect();
        cells_[p].reach = reach(stage, box);
        const Rect& computed = cells_[p].reach.computed;
        if (computed.empty()) continue;
        cells_[p].y = signed_of(computed.top);
        cells_[p].x = signed_of(computed.left);
        rows = std::max(rows, computed.rows());
        columns = std::max(columns, computed.columns());
    }
    // Windows between two cells are computed as well; none of a cell's own reaches into the next.
    const std::size_t beyond = (w.kernel_w + w.stride_w - 1) / w.stride_w;
    const std::size_t pitch = align_up(columns - 1 + beyond, stage.pools ? stage.pool.stride_w : 1);
    const std::size_t in_pitch = pitch * w.stride_w;
    const std::size_t in_row = count_ * in_pitch * in_c;
    const std::size_t width = (count_ * in_pitch - w.kernel_w) / w.stride_w + 1;
    simd::ConvSizes sizes{(rows - 1) * w.stride_h + w.kernel_h,
                          count_ * in_pitch,
                          in_c,
                          rows,
                          width,
                          out_c,
                          w.kernel_h,
                          w.kernel_w,
                          w.stride_h,
                          w.stride_w};
    grow(strip_, sizes.in_h * in_row);
    for (std::size_t p = 0; p < count_; ++p) {
        const Rect& computed = cells_[p].reach.computed;
        if (computed.empty()) continue;
        const Patched in = patched(input, p);
        // The patch is put onto the canvas and taken off again.
        const Rect& rect = in.rect();
        const std::size_t count = rect.columns() * in_c;
        const std::size_t canvas_row = canvas.columns * in_c;
        float* const image = canvas.data.data();
        float* const corner = image + (rect.top + w.pad_top) * canvas_row + (rect.left + w.pad_left) * in_c;
        for (std::size_t y = 0; y < rect.rows(); ++y) {
            std::copy_n(in.overlays.row(p, rect.top + y), count, corner + y * canvas_row);
        }
        const float* from = image + computed.top * w.stride_h * canvas_row + computed.left * w.stride_w * in_c;
        const std::size_t seen_rows = (computed.rows() - 1) * w.stride_h + w.kernel_h;
        const std::size_t seen = ((computed.columns() - 1) * w.stride_w + w.kernel_w) * in_c;
        float* to = strip_.data() + p * in_pitch * in_c;
        for (std::size_t y = 0; y < seen_rows; ++y, from += canvas_row, to += in_row) std::copy_n(from, seen, to);
        for (std::size_t y = 0; y < rect.rows(); ++y) {
            std::copy_n(in.at(rect.top + y, rect.left), count, corner + y * canvas_row);
        }
    }
    Overlays& out = overlays_[stage.value];
    if (stage.conv == nullptr) {
        out.reset(count_, rows, pitch, out_c, width);
        simd::kernels().max_pool(sizes, strip_.data(), out.strip(), nullptr);
        return place_outputs(stage);
    }
    const auto& weights = stage.conv->prepared();
    const float* const bias = weights.bias.empty() ? nullptr : weights.bias.data();
    if (stage.pools && halves(stage.pool)) {
        out.reset(count_, rows / 2, pitch / 2, out_c, width / 2);
        simd::kernels().conv_pool(sizes, strip_.data(), weights.forward, bias, out.strip(),
                                  stage.relu ? simd::Fuse::relu : simd::Fuse::none);
        return place_outputs(stage);
    }
    Overlays& field = stage.pools ? field_ : out;
    field.reset(count_, rows, pitch, out_c, width);
    simd::kernels().conv(sizes, strip_.data(), weights.forward, bias, field.strip(), simd::Fuse::none);
    finish(stage, rows, width, pitch);
}

/// Pooling and ReLU behind a convolution, over the whole strip.
void PatchEvaluator::finish(const PatchStage& stage, std::size_t rows, std::size_t width, std::size_t pitch) {
    const std::size_t channels = network_.shape(stage.value)[3];
    Overlays& out = overlays_[stage.value];
    if (stage.pools) {
        const Windows& w = stage.pool;
        const std::size_t out_h = (rows - w.kernel_h) / w.stride_h + 1, out_w = (width - w.kernel_w) / w.stride_w + 1;
        const simd::ConvSizes sizes{rows,     width,      channels,   out_h,      out_w,
                                    channels, w.kernel_h, w.kernel_w, w.stride_h, w.stride_w};
        out.reset(count_, sizes.out_h, pitch / w.stride_w, channels, sizes.out_w);
        simd::kernels().max_pool(sizes, field_.strip(), out.strip(), nullptr);
        rows = sizes.out_h;
        width = sizes.out_w;
    }
    if (stage.relu) simd::kernels().relu(rows * width * channels, out.strip(), out.strip());
    place_outputs(stage);
}

/// Says where in its cell each patch's outputs lie.
void PatchEvaluator::place_outputs(const PatchStage& stage) {
    for (std::size_t p = 0; p < count_; ++p) {
        const auto& [reach, y, x, rows, columns, first] = cells_[p];
        if (reach.outputs.empty()) continue;
        const std::size_t down = size_of(signed_of(reach.computed.top) - y);
        const std::size_t right = size_of(signed_of(reach.computed.left) - x);
        overlays_[stage.value].place(p, reach.outputs, stage.pools ? down / stage.pool.stride_h : down,
                                     stage.pools ? right / stage.pool.stride_w : right);
    }
}

/// The recorded image with its padding.
void PatchEvaluator::paint(const PatchStage& stage, Canvas& canvas) const {
    const bool maximum = stage.way == PatchStage::Way::maximum;
    if (!maximum && stage.way != PatchStage::Way::convolve) return;
    const ValueId input = network_.nodes()[stage.node].inputs[0];
    const Shape& from = network_.shape(input);
    const Shape& to = network_.shape(stage.node + 1);
    const Windows& w = stage.windows;
    const std::size_t rows = std::max((to[1] - 1) * w.stride_h + w.kernel_h, w.pad_top + from[1]);
    canvas.columns = std::max((to[2] - 1) * w.stride_w + w.kernel_w, w.pad_left + from[2]);
    const std::size_t row = canvas.columns * from[3];
    canvas.data.assign(rows * row, maximum ? -std::numeric_limits<float>::infinity() : 0.0F);
    float* line = canvas.data.data() + w.pad_top * row + w.pad_left * from[3];
    for (std::size_t y = 0; y < from[1]; ++y, line += row) {
        std::copy_n(base_data(input) + y * from[2] * from[3], from[2] * from[3], line);
    }
}

}  // namespace pellucid
