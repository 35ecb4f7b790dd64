/// Which way the patches of a chunk cross a stage, and how they cross layers that no kernel takes side by side: row by
/// row, two values at a time, or the layer itself on the whole patched input.
#include "pellucid/nn/patch_evaluator.hpp"

#include <algorithm>

namespace pellucid {

void PatchEvaluator::cross(std::size_t index) {
    const PatchStage& stage = plan_.stages[index];
    switch (stage.way) {
        case PatchStage::Way::stamps: return cross_stamps(stage);
        case PatchStage::Way::convolve:
        case PatchStage::Way::maximum: return cross_windows(stage, canvases_[index]);
        case PatchStage::Way::whole: return cross_whole(stage);
        case PatchStage::Way::rectify:
        case PatchStage::Way::element_wise: return cross_rows(stage);
        case PatchStage::Way::add: return cross_add(stage);
    }
}

/// Room for rectangles of the sizes that are there.
Overlays& PatchEvaluator::reset_like(ValueId input, ValueId value) {
    std::size_t rows = 0, columns = 0;
    for (std::size_t p = 0; p < count_; ++p) {
        const Rect& rect = overlays_[input].rect(p);
        rows = std::max(rows, rect.empty() ? 0 : rect.rows());
        columns = std::max(columns, rect.empty() ? 0 : rect.columns());
    }
    overlays_[value].reset(count_, rows, columns, network_.shape(value)[3]);
    return overlays_[value];
}

void PatchEvaluator::cross_whole(const PatchStage& stage) {
    const ValueId input = network_.nodes()[stage.node].inputs[0];
    const Shape& to = network_.shape(stage.value);
    std::size_t rows = 0, columns = 0;
    if (cells_.size() < count_) cells_.resize(count_);
    for (std::size_t p = 0; p < count_; ++p) {
        cells_[p].reach = reach(stage, overlays_[input].rect(p));
        const Rect& rect = cells_[p].reach.outputs;
        if (rect.empty()) continue;
        rows = std::max(rows, rect.rows());
        columns = std::max(columns, rect.columns());
    }
    Overlays& out = overlays_[stage.value];
    out.reset(count_, rows, columns, to[3]);
    reshape_to(whole_[input], network_.shape(input));
    reshape_to(whole_[stage.value], to);
    const Tensor* const pointer = &whole_[input];
    for (std::size_t p = 0; p < count_; ++p) {
        const Rect& rect = cells_[p].reach.outputs;
        if (rect.empty()) continue;
        out.place(p, rect);
        write_out(patched(input, p), whole_[input].data());
        network_.nodes()[stage.node].layer->forward(std::span(&pointer, 1), whole_[stage.value], records_[stage.node]);
        for (std::size_t y = rect.top; y < rect.bottom; ++y) {
            const float* const from = whole_[stage.value].data() + (y * to[2] + rect.left) * to[3];
            std::copy_n(from, rect.columns() * to[3], out.row(p, y));
        }
    }
}

/// A ReLU, or a layer that sees one row of the image at a time, always of the same length, whatever the patch.
void PatchEvaluator::cross_rows(const PatchStage& stage) {
    const ValueId input = network_.nodes()[stage.node].inputs[0];
    const Shape& shape = network_.shape(stage.value);
    Overlays& in = overlays_[input];
    Overlays& out = reset_like(input, stage.value);
    Tensor& line = lines_[stage.value];
    reshape_to(line, {1, 1, shape[2], shape[3]});
    const Tensor* const pointer = &line;
    for (std::size_t p = 0; p < count_; ++p) {
        const Rect& rect = in.rect(p);
        out.place(p, rect);
        const std::size_t count = rect.empty() ? 0 : rect.columns() * shape[3];
        for (std::size_t y = rect.top; y < rect.bottom; ++y) {
            if (stage.way == PatchStage::Way::rectify) {
                simd::kernels().relu(count, in.row(p, y), out.row(p, y));
                continue;
            }
            std::copy_n(in.row(p, y), count, line.data());
            std::fill(line.data() + count, line.data() + line.size(), 0.0F);
            network_.nodes()[stage.node].layer->forward(std::span(&pointer, 1), line, records_[stage.node]);
            std::copy_n(line.data(), count, out.row(p, y));
        }
    }
}

void PatchEvaluator::cross_add(const PatchStage& stage) {
    const ValueId a = network_.nodes()[stage.node].inputs[0], b = network_.nodes()[stage.node].inputs[1];
    const Shape& shape = network_.shape(stage.value);
    std::size_t rows = 0, columns = 0;
    if (cells_.size() < count_) cells_.resize(count_);
    for (std::size_t p = 0; p < count_; ++p) {
        const Rect both = bounding(overlays_[a].rect(p), overlays_[b].rect(p));
        cells_[p].reach.outputs = both;
        if (both.empty()) continue;
        rows = std::max(rows, both.rows());
        columns = std::max(columns, both.columns());
    }
    Overlays& out = overlays_[stage.value];
    out.reset(count_, rows, columns, shape[3]);
    if (line_.size() < columns * shape[3]) line_.resize(columns * shape[3]);
    for (std::size_t p = 0; p < count_; ++p) {
        const Rect both = cells_[p].reach.outputs;
        out.place(p, both);
        for (std::size_t y = both.top; y < both.bottom; ++y) {
            write_row(patched(a, p), y, both.left, both.right, line_.data());
            write_row(patched(b, p), y, both.left, both.right, out.row(p, y));
            simd::kernels().add(both.columns() * shape[3], line_.data(), out.row(p, y), out.row(p, y));
        }
    }
}

}  // namespace pellucid
