#include "pellucid/nn/patch_evaluator.hpp"

#include "pellucid/error.hpp"
#include "pellucid/nn/layers.hpp"

#include <algorithm>
#include <limits>

namespace pellucid {

namespace {

/// Layers that a rectangle crosses as a rectangle.
bool works_locally(const Layer& layer) {
    switch (layer.kind()) {
        case Kind::convolution: return dynamic_cast<const Conv2d*>(&layer) != nullptr;
        case Kind::average_pool: return dynamic_cast<const AveragePool2d*>(&layer) != nullptr;
        case Kind::activation:
        case Kind::max_pool:
        case Kind::batch_norm:
        case Kind::add: return true;
        default: return false;
    }
}

/// Outputs whose window [y·stride − pad, … + kernel) meets [begin, end), of `count` outputs.
std::pair<std::size_t, std::size_t> reached(std::size_t begin, std::size_t end, std::size_t kernel, std::size_t stride,
                                            std::size_t pad, std::size_t count) {
    const std::size_t first = begin + pad + 1 > kernel ? (begin + pad + 1 - kernel + stride - 1) / stride : 0;
    const std::size_t last = std::min((end - 1 + pad) / stride + 1, count);
    return {std::min(first, count), last};
}

}  // namespace

PatchEvaluator::PatchEvaluator(const Network& network, ValueId until)
    : network_(network), until_(until), local_(until + 1, 0), gathered_(until + 1, 0), needed_(until + 1, 0),
      overlays_(until + 1), batch_(until + 1), records_(until) {
    local_[0] = 1;
    for (ValueId v = 1; v <= until; ++v) {
        const Node& node = network.nodes()[v - 1];
        local_[v] = works_locally(*node.layer) && std::all_of(node.inputs.begin(), node.inputs.end(), [&](ValueId i) { return local_[i] != 0; });
    }
    needed_[until] = 1;
    gathered_[until] = local_[until];
    for (ValueId v = until; v > 0; --v) {
        if (!needed_[v]) continue;
        for (const ValueId input : network.nodes()[v - 1].inputs) {
            needed_[input] = 1;
            if (!local_[v] && local_[input]) gathered_[input] = 1;
        }
    }
}

const float* PatchEvaluator::base_data(ValueId value) const { return sample(base_->values[value], sample_).data(); }

void PatchEvaluator::patch_input(const Patch& patch) {
    const Shape& shape = network_.input_shape();
    if (patch.rect.empty() || patch.rect.bottom > shape[1] || patch.rect.right > shape[2]) {
        fail(ErrorCode::bad_argument, "a patch of rows {} to {} and columns {} to {} does not lie in an input of {} × {}",
             patch.rect.top, patch.rect.bottom, patch.rect.left, patch.rect.right, shape[1], shape[2]);
    }
    Overlay& overlay = overlays_[0];
    overlay.rect = patch.rect;
    const std::size_t row = patch.rect.columns() * shape[3];
    overlay.data.resize(patch.rect.rows() * row);
    for (std::size_t y = 0; y < patch.rect.rows(); ++y) {
        std::copy_n(patch.image + ((patch.rect.top + y) * shape[2] + patch.rect.left) * shape[3], row, overlay.data.data() + y * row);
    }
    shrink(0);
}

void PatchEvaluator::crop(ValueId value, std::ptrdiff_t top, std::ptrdiff_t left, std::size_t rows, std::size_t columns,
                          float outside, simd::AlignedVector& to) const {
    const Shape& shape = network_.shape(value);
    const std::size_t channels = shape[3];
    const auto height = static_cast<std::ptrdiff_t>(shape[1]), width = static_cast<std::ptrdiff_t>(shape[2]);
    const Overlay& overlay = overlays_[value];
    const float* base = base_data(value);
    to.resize(rows * columns * channels);
    const std::ptrdiff_t from = std::clamp<std::ptrdiff_t>(-left, 0, static_cast<std::ptrdiff_t>(columns));
    const std::ptrdiff_t until = std::clamp<std::ptrdiff_t>(width - left, from, static_cast<std::ptrdiff_t>(columns));
    for (std::size_t r = 0; r < rows; ++r) {
        float* line = to.data() + r * columns * channels;
        const std::ptrdiff_t y = top + static_cast<std::ptrdiff_t>(r);
        if (y < 0 || y >= height) {
            std::fill_n(line, columns * channels, outside);
            continue;
        }
        std::fill_n(line, static_cast<std::size_t>(from) * channels, outside);
        std::copy_n(base + static_cast<std::size_t>(y * width + left + from) * channels, static_cast<std::size_t>(until - from) * channels,
                    line + static_cast<std::size_t>(from) * channels);
        std::fill_n(line + static_cast<std::size_t>(until) * channels, (columns - static_cast<std::size_t>(until)) * channels, outside);
        const Rect& rect = overlay.rect;
        if (rect.empty() || y < static_cast<std::ptrdiff_t>(rect.top) || y >= static_cast<std::ptrdiff_t>(rect.bottom)) continue;
        const std::ptrdiff_t first = std::max(left, static_cast<std::ptrdiff_t>(rect.left));
        const std::ptrdiff_t last = std::min(left + static_cast<std::ptrdiff_t>(columns), static_cast<std::ptrdiff_t>(rect.right));
        if (first >= last) continue;
        const float* patched = overlay.data.data() + ((static_cast<std::size_t>(y) - rect.top) * rect.columns() +
                                                      (static_cast<std::size_t>(first) - rect.left)) * channels;
        std::copy_n(patched, static_cast<std::size_t>(last - first) * channels, line + static_cast<std::size_t>(first - left) * channels);
    }
}

void PatchEvaluator::shrink(ValueId value) {
    Overlay& overlay = overlays_[value];
    const Shape& shape = network_.shape(value);
    const std::size_t channels = shape[3];
    const Rect old = overlay.rect;
    if (old.empty()) return;
    const float* base = base_data(value);
    Rect changed{old.bottom, old.right, old.top, old.left};
    for (std::size_t y = old.top; y < old.bottom; ++y) {
        const float* ours = overlay.data.data() + (y - old.top) * old.columns() * channels;
        const float* theirs = base + (y * shape[2] + old.left) * channels;
        for (std::size_t x = old.left; x < old.right; ++x, ours += channels, theirs += channels) {
            if (std::equal(ours, ours + channels, theirs)) continue;
            changed.top = std::min(changed.top, y);
            changed.bottom = y + 1;
            changed.left = std::min(changed.left, x);
            changed.right = std::max(changed.right, x + 1);
        }
    }
    if (changed.empty()) {
        overlay.rect = {};
        return;
    }
    // In place, top down: a row never moves behind where it is still to be read.
    for (std::size_t y = changed.top; y < changed.bottom; ++y) {
        const float* from = overlay.data.data() + ((y - old.top) * old.columns() + changed.left - old.left) * channels;
        std::copy_n(from, changed.columns() * channels, overlay.data.data() + (y - changed.top) * changed.columns() * channels);
    }
    overlay.rect = changed;
}

void PatchEvaluator::cross_windows(std::size_t index, std::size_t kernel_h, std::size_t kernel_w, std::size_t stride_h,
                                   std::size_t stride_w, std::size_t pad_top, std::size_t pad_left) {
    const Node& node = network_.nodes()[index];
    const ValueId input = node.inputs[0];
    const Rect& in = overlays_[input].rect;
    Overlay& out = overlays_[index + 1];
    const Shape& from = network_.shape(input);
    const Shape& to = network_.shape(index + 1);
    const auto [top, bottom] = reached(in.top, in.bottom, kernel_h, stride_h, pad_top, to[1]);
    const auto [left, right] = reached(in.left, in.right, kernel_w, stride_w, pad_left, to[2]);
    out.rect = {top, left, bottom, right};
    if (out.rect.empty()) {
        out.rect = {};
        return;
    }
    out.data.resize(out.rect.rows() * out.rect.columns() * to[3]);
    const auto y0 = static_cast<std::ptrdiff_t>(top * stride_h) - static_cast<std::ptrdiff_t>(pad_top);
    const auto x0 = static_cast<std::ptrdiff_t>(left * stride_w) - static_cast<std::ptrdiff_t>(pad_left);
    const std::size_t rows = (out.rect.rows() - 1) * stride_h + kernel_h;
    const std::size_t columns = (out.rect.columns() - 1) * stride_w + kernel_w;
    const simd::ConvSizes sizes{rows,     columns,  from[3],  out.rect.rows(), out.rect.columns(), to[3],
                                kernel_h, kernel_w, stride_h, stride_w};
    const auto& k = simd::kernels();
    if (const auto* conv = dynamic_cast<const Conv2d*>(node.layer.get())) {
        crop(input, y0, x0, rows, columns, 0.0F, crop_);
        const auto& bias = conv->prepared().bias;
        k.conv(sizes, crop_.data(), conv->prepared().forward, bias.empty() ? nullptr : bias.data(), out.data.data(), simd::Fuse::none);
    } else if (node.layer->kind() == Kind::max_pool) {
        crop(input, y0, x0, rows, columns, -std::numeric_limits<float>::infinity(), crop_);
        k.max_pool(sizes, crop_.data(), out.data.data(), nullptr);
    } else {
        // The divisor of a mean depends on where the window stands, which the layer itself knows best: it gets the whole
        // patched input. Average pools are rare behind a change that is still local.
        Tensor whole(from), pooled(to);
        write_out(input, whole.data());
        const Tensor* pointer = &whole;
        node.layer->forward(std::span(&pointer, 1), pooled, records_[index]);
        for (std::size_t y = top; y < bottom; ++y) {
            std::copy_n(pooled.data() + (y * to[2] + left) * to[3], out.rect.columns() * to[3],
                        out.data.data() + (y - top) * out.rect.columns() * to[3]);
        }
    }
}

void PatchEvaluator::cross_add(const Node& node, Overlay& out) {
    const Rect& a = overlays_[node.inputs[0]].rect;
    const Rect& b = overlays_[node.inputs[1]].rect;
    const Rect both = a.empty() ? b
                      : b.empty() ? a
                                  : Rect{std::min(a.top, b.top), std::min(a.left, b.left), std::max(a.bottom, b.bottom), std::max(a.right, b.right)};
    const auto top = static_cast<std::ptrdiff_t>(both.top), left = static_cast<std::ptrdiff_t>(both.left);
    crop(node.inputs[0], top, left, both.rows(), both.columns(), 0.0F, crop_);
    crop(node.inputs[1], top, left, both.rows(), both.columns(), 0.0F, other_crop_);
    out.rect = both;
    out.data.resize(crop_.size());
    simd::kernels().add(crop_.size(), crop_.data(), other_crop_.data(), out.data.data());
}

void PatchEvaluator::cross(std::size_t index) {
    const Node& node = network_.nodes()[index];
    Overlay& out = overlays_[index + 1];
    if (std::all_of(node.inputs.begin(), node.inputs.end(), [&](ValueId v) { return overlays_[v].rect.empty(); })) {
        out.rect = {};
        return;
    }
    if (const auto* conv = dynamic_cast<const Conv2d*>(node.layer.get())) {
        const Tensor& w = conv->weight();
        cross_windows(index, w.shape()[0], w.shape()[1], conv->stride().h, conv->stride().w, conv->padding().top, conv->padding().left);
    } else if (const auto* pool = dynamic_cast<const MaxPool2d*>(node.layer.get())) {
        const Window& w = pool->window();
        cross_windows(index, w.h, w.w, w.stride.h, w.stride.w, w.padding.top, w.padding.left);
    } else if (const auto* mean = dynamic_cast<const AveragePool2d*>(node.layer.get())) {
        const Window& w = mean->window();
        cross_windows(index, w.h, w.w, w.stride.h, w.stride.w, w.padding.top, w.padding.left);
    } else if (node.layer->kind() == Kind::add) {
        cross_add(node, out);
    } else {
        const Overlay& in = overlays_[node.inputs[0]];
        out.rect = in.rect;
        out.data.resize(in.data.size());
        const auto* activation = dynamic_cast<const Activation*>(node.layer.get());
        const std::size_t count = in.rect.rows() * in.rect.columns() * network_.shape(index + 1)[3];
        if (activation != nullptr && activation->function() == Activation::Function::relu) {
            simd::kernels().relu(count, in.data.data(), out.data.data());
        } else {
            const Shape shape{1, in.rect.rows(), in.rect.columns(), network_.shape(index + 1)[3]};
            Tensor x(shape), y(shape);
            std::copy_n(in.data.data(), count, x.data());
            const Tensor* pointer = &x;
            node.layer->forward(std::span(&pointer, 1), y, records_[index]);
            std::copy_n(y.data(), count, out.data.data());
        }
    }
    shrink(index + 1);
}

void PatchEvaluator::write_out(ValueId value, float* to) const {
    const Shape& shape = network_.shape(value);
    std::copy_n(base_data(value), sample_size(shape), to);
    const Overlay& overlay = overlays_[value];
    for (std::size_t y = overlay.rect.top; y < overlay.rect.bottom; ++y) {
        std::copy_n(overlay.data.data() + (y - overlay.rect.top) * overlay.rect.columns() * shape[3], overlay.rect.columns() * shape[3],
                    to + (y * shape[2] + overlay.rect.left) * shape[3]);
    }
}

const Tensor& PatchEvaluator::evaluate(const Trace& base, std::size_t n, std::span<const Patch> patches) {
    if (patches.empty()) fail(ErrorCode::bad_argument, "there must be at least one patch");
    base_ = &base;
    sample_ = n;
    for (ValueId v = 0; v <= until_; ++v) {
        if (gathered_[v]) reshape_to(batch_[v], with_batch(network_.shape(v), patches.size()));
    }
    for (std::size_t p = 0; p < patches.size(); ++p) {
        patch_input(patches[p]);
        for (ValueId v = 0; v <= until_; ++v) {
            if (!local_[v] || !needed_[v]) continue;
            if (v > 0) cross(v - 1);
            if (gathered_[v]) write_out(v, sample(batch_[v], p).data());
        }
    }
    std::vector<const Tensor*> inputs;
    for (ValueId v = 1; v <= until_; ++v) {
        if (local_[v] || !needed_[v]) continue;
        const Node& node = network_.nodes()[v - 1];
        inputs.clear();
        for (const ValueId input : node.inputs) inputs.push_back(&batch_[input]);
        reshape_to(batch_[v], with_batch(network_.shape(v), patches.size()));
        node.layer->forward(inputs, batch_[v], records_[v - 1]);
    }
    return batch_[until_];
}

}  // namespace pellucid
