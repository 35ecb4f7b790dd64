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
std::pair<std::size_t, std::size_t> reached_along(std::size_t begin, std::size_t end, std::size_t kernel,
                                                  std::size_t stride, std::size_t pad, std::size_t count) {
    const std::size_t first = begin + pad + 1 > kernel ? (begin + pad + 1 - kernel + stride - 1) / stride : 0;
    const std::size_t last = std::min((end - 1 + pad) / stride + 1, count);
    return {std::min(first, count), last};
}

/// Weights (kernel rows, kernel columns, inputs, outputs) as a matrix inputs × (rows, columns, outputs), the kernel
/// turned by 180°: what one input pixel sends to the outputs around it.
simd::PackedWeights stamp_of(const Tensor& weight) {
    const auto [kernel_h, kernel_w, inputs, outputs] = weight.shape();
    const std::size_t taps = kernel_h * kernel_w;
    simd::AlignedVector matrix(weight.size());
    for (std::size_t tap = 0; tap < taps; ++tap) {
        for (std::size_t i = 0; i < inputs; ++i) {
            std::copy_n(weight.data() + ((taps - 1 - tap) * inputs + i) * outputs, outputs,
                        matrix.data() + (i * taps + tap) * outputs);
        }
    }
    simd::PackedWeights packed;
    simd::pack_weights(matrix.data(), 1, 1, inputs, taps * outputs, packed);
    return packed;
}

void grow(simd::AlignedVector& vector, std::size_t size) {
    if (vector.size() < size) vector.resize(size);
}

}  // namespace

PatchEvaluator::PatchEvaluator(const Network& network, ValueId until)
    : network_(network), until_(until), local_(until + 1, 0), gathered_(until + 1, 0), needed_(until + 1, 0),
      steps_(until), overlays_(until + 1), batch_(until + 1), whole_(until + 1),
      rows_(until + 1), records_(until) {
    local_[0] = 1;
    for (ValueId v = 1; v <= until; ++v) {
        const Node& node = network.nodes()[v - 1];
        local_[v] = works_locally(*node.layer) &&
                    std::all_of(node.inputs.begin(), node.inputs.end(), [&](ValueId i) { return local_[i] != 0; });
    }
    needed_[until] = 1;
    gathered_[until] = local_[until];
    for (ValueId v = until; v > 0; --v) {
        if (!needed_[v]) continue;
        if (local_[v]) steps_[v - 1] = step_for(*network.nodes()[v - 1].layer);
        for (const ValueId input : network.nodes()[v - 1].inputs) {
            needed_[input] = 1;
            if (!local_[v] && local_[input]) gathered_[input] = 1;
        }
    }
}

PatchEvaluator::Step PatchEvaluator::step_for(const Layer& layer) const {
    Step step;
    if (const auto* conv = dynamic_cast<const Conv2d*>(&layer)) {
        const auto [kernel_h, kernel_w, inputs, outputs] = conv->weight().shape();
        step = {Way::windows, conv, kernel_h, kernel_w, conv->stride().h, conv->stride().w, conv->padding().top, conv->padding().left, 0.0F, {}};
        // A stamp costs its products and about three more operations per output: too many where inputs are few.
        constexpr std::size_t few = 4;
        if (conv->stride() == Stride{} && inputs >= few) {
            step.way = Way::stamps;
            step.stamp = stamp_of(conv->weight());
        }
    } else if (const auto* pool = dynamic_cast<const MaxPool2d*>(&layer)) {
        const Window& w = pool->window();
        step = {Way::windows, nullptr, w.h, w.w, w.stride.h, w.stride.w, w.padding.top, w.padding.left, -std::numeric_limits<float>::infinity(), {}};
    } else if (const auto* mean = dynamic_cast<const AveragePool2d*>(&layer)) {
        // The divisor of a mean depends on where the window stands, which the layer itself knows best: it gets the whole
        // patched input. Average pools are rare behind a change that is still local.
        const Window& w = mean->window();
        step = {Way::whole, nullptr, w.h, w.w, w.stride.h, w.stride.w, w.padding.top, w.padding.left, 0.0F, {}};
    } else if (layer.kind() == Kind::add) {
        step.way = Way::add;
    } else {
        step.way = layer.op() == "Relu" ? Way::rectify : Way::element_wise;
    }
    return step;
}

const float* PatchEvaluator::base_data(ValueId value) const { return sample(base_->values[value], sample_).data(); }

void PatchEvaluator::patch_input(const Patch& patch) {
    const Shape& shape = network_.input_shape();
    if (patch.rect.empty() || patch.rect.bottom > shape[1] || patch.rect.right > shape[2]) {
        fail(ErrorCode::bad_argument, "a patch of rows {} to {} and columns {} to {} does not lie in an input of {} × {}",
             patch.rect.top, patch.rect.bottom, patch.rect.left, patch.rect.right, shape[1], shape[2]);
    }
    float* to = overlays_[0].reset(patch.rect, shape[3]);
    for (std::size_t y = patch.rect.top; y < patch.rect.bottom; ++y) {
        to = std::copy_n(patch.image + (y * shape[2] + patch.rect.left) * shape[3], patch.rect.columns() * shape[3], to);
    }
}

Rect PatchEvaluator::reached(std::size_t node, const Rect& changed) const {
    const Step& step = steps_[node];
    const Shape& to = network_.shape(node + 1);
    if (changed.empty()) return {};
    const auto [top, bottom] = reached_along(changed.top, changed.bottom, step.kernel_h, step.stride_h, step.pad_top, to[1]);
    const auto [left, right] = reached_along(changed.left, changed.right, step.kernel_w, step.stride_w, step.pad_left, to[2]);
    const Rect rect{top, left, bottom, right};
    return rect.empty() ? Rect{} : rect;
}

/// Collects the pixels of a value that are not as recorded, and by how much; returns the rectangle around them.
Rect PatchEvaluator::find_changes(ValueId value) {
    const Patched in = patched(value);
    const std::size_t channels = in.shape[3];
    const Rect& rect = in.overlay.rect;
    grow(changes_, rect.area() * channels);
    if (columns_.size() < rect.area()) columns_.resize(rect.area());
    places_.clear();
    Rect box{};
    for (std::size_t y = rect.top; y < rect.bottom; ++y) {
        const std::size_t count = simd::kernels().differences(rect.columns(), channels, in.overlay.row(y, channels), in.at(y, rect.left),
                                                              changes_.data() + places_.size() * channels, columns_.data());
        if (count == 0) continue;
        for (std::size_t i = 0; i < count; ++i) places_.push_back({y, rect.left + columns_[i]});
        box = bounding(box, {y, rect.left + columns_[0], y + 1, rect.left + columns_[count - 1] + 1});
    }
    return box;
}

void PatchEvaluator::cross_stamps(std::size_t node) {
    const Step& step = steps_[node];
    const Shape& to = network_.shape(node + 1);
    const std::size_t channels = to[3];
    Overlay& out = overlays_[node + 1];
    const Rect rect = reached(node, find_changes(network_.nodes()[node].inputs[0]));
    float* line = out.reset(rect, channels);
    if (rect.empty()) return;
    for (std::size_t y = rect.top; y < rect.bottom; ++y) {
        line = std::copy_n(patched(node + 1).at(y, rect.left), rect.columns() * channels, line);
    }
    const auto& k = simd::kernels();
    const std::size_t stamp_row = step.kernel_w * channels;
    const std::size_t stamp = step.kernel_h * stamp_row;
    grow(products_, places_.size() * stamp);
    k.dense(places_.size(), changes_.data(), step.stamp, nullptr, products_.data(), simd::Fuse::none);
    const float* product = products_.data();
    for (const Place& place : places_) {
        // Rows and columns of the stamp that lie in the image; counted from kernel − 1 before it, where the first may lie.
        const std::size_t top = place.y + step.pad_top, left = place.x + step.pad_left;
        const auto cut = [](std::size_t at, std::size_t kernel, std::size_t begin, std::size_t end) {
            const std::size_t first = std::max(at, begin + kernel - 1), last = std::min(at + kernel, end + kernel - 1);
            return std::pair{first - at, last > first ? last - first : 0};
        };
        const auto [first_row, rows] = cut(top, step.kernel_h, rect.top, rect.bottom);
        const auto [first_column, columns] = cut(left, step.kernel_w, rect.left, rect.right);
        const std::size_t y = top + first_row - (step.kernel_h - 1), x = left + first_column - (step.kernel_w - 1);
        if (rows != 0 && columns != 0) {
            k.add_block(rows, columns * channels, product + first_row * stamp_row + first_column * channels, stamp_row,
                        out.row(y, channels) + (x - rect.left) * channels, rect.columns() * channels);
        }
        product += stamp;
    }
}

void PatchEvaluator::cross_windows(std::size_t node) {
    const Step& step = steps_[node];
    const ValueId input = network_.nodes()[node].inputs[0];
    if (step.conv != nullptr) shrink(network_.shape(input), base_data(input), overlays_[input]);
    const Shape& from = network_.shape(input);
    const Shape& to = network_.shape(node + 1);
    const Rect rect = reached(node, overlays_[input].rect);
    float* const out = overlays_[node + 1].reset(rect, to[3]);
    if (rect.empty()) return;
    const auto y0 = static_cast<std::ptrdiff_t>(rect.top * step.stride_h) - static_cast<std::ptrdiff_t>(step.pad_top);
    const auto x0 = static_cast<std::ptrdiff_t>(rect.left * step.stride_w) - static_cast<std::ptrdiff_t>(step.pad_left);
    const std::size_t rows = (rect.rows() - 1) * step.stride_h + step.kernel_h;
    const std::size_t columns = (rect.columns() - 1) * step.stride_w + step.kernel_w;
    crop(patched(input), y0, x0, rows, columns, step.outside, crop_);
    const simd::ConvSizes sizes{rows,          columns,       from[3],       rect.rows(),   rect.columns(), to[3],
                                step.kernel_h, step.kernel_w, step.stride_h, step.stride_w};
    if (step.conv == nullptr) {
        simd::kernels().max_pool(sizes, crop_.data(), out, nullptr);
        return;
    }
    const auto& weights = step.conv->prepared();
    simd::kernels().conv(sizes, crop_.data(), weights.forward, weights.bias.empty() ? nullptr : weights.bias.data(), out,
                         simd::Fuse::none);
}

void PatchEvaluator::cross_whole(std::size_t node) {
    const ValueId input = network_.nodes()[node].inputs[0];
    const Shape& to = network_.shape(node + 1);
    const Rect rect = reached(node, overlays_[input].rect);
    float* out = overlays_[node + 1].reset(rect, to[3]);
    if (rect.empty()) return;
    reshape_to(whole_[input], network_.shape(input));
    reshape_to(whole_[node + 1], to);
    write_out(patched(input), whole_[input].data());
    const Tensor* pointer = &whole_[input];
    network_.nodes()[node].layer->forward(std::span(&pointer, 1), whole_[node + 1], records_[node]);
    for (std::size_t y = rect.top; y < rect.bottom; ++y) {
        out = std::copy_n(whole_[node + 1].data() + (y * to[2] + rect.left) * to[3], rect.columns() * to[3], out);
    }
}

/// A layer sees one row of the image at a time, always of the same length, whatever the patch.
void PatchEvaluator::cross_rows(std::size_t node) {
    const ValueId input = network_.nodes()[node].inputs[0];
    const Shape& shape = network_.shape(node + 1);
    const Overlay& in = overlays_[input];
    float* out = overlays_[node + 1].reset(in.rect, shape[3]);
    const Shape row{1, 1, shape[2], shape[3]};
    reshape_to(rows_[node + 1], row);
    Tensor& line = rows_[node + 1];
    const Tensor* pointer = &line;
    const std::size_t count = in.rect.columns() * shape[3];
    for (std::size_t y = in.rect.top; y < in.rect.bottom; ++y) {
        std::copy_n(in.row(y, shape[3]), count, line.data());
        std::fill(line.data() + count, line.data() + line.size(), 0.0F);
        network_.nodes()[node].layer->forward(std::span(&pointer, 1), line, records_[node]);
        out = std::copy_n(line.data(), count, out);
    }
}

void PatchEvaluator::cross_add(std::size_t node) {
    const ValueId a = network_.nodes()[node].inputs[0], b = network_.nodes()[node].inputs[1];
    const Rect both = bounding(overlays_[a].rect, overlays_[b].rect);
    const std::size_t channels = network_.shape(node + 1)[3];
    const auto top = static_cast<std::ptrdiff_t>(both.top), left = static_cast<std::ptrdiff_t>(both.left);
    crop(patched(a), top, left, both.rows(), both.columns(), 0.0F, crop_);
    crop(patched(b), top, left, both.rows(), both.columns(), 0.0F, other_crop_);
    float* const out = overlays_[node + 1].reset(both, channels);
    simd::kernels().add(both.area() * channels, crop_.data(), other_crop_.data(), out);
}

void PatchEvaluator::cross(std::size_t node) {
    const std::vector<ValueId>& inputs = network_.nodes()[node].inputs;
    Overlay& out = overlays_[node + 1];
    if (std::all_of(inputs.begin(), inputs.end(), [&](ValueId v) { return overlays_[v].rect.empty(); })) {
        out.rect = {};
        return;
    }
    switch (steps_[node].way) {
        case Way::stamps: return cross_stamps(node);
        case Way::windows: return cross_windows(node);
        case Way::whole: return cross_whole(node);
        case Way::element_wise: return cross_rows(node);
        case Way::add: return cross_add(node);
        case Way::rectify: {
            const Overlay& in = overlays_[inputs[0]];
            const std::size_t channels = network_.shape(node + 1)[3];
            float* const to = out.reset(in.rect, channels);
            simd::kernels().relu(in.rect.area() * channels, in.data.data(), to);
        }
    }
}

const Tensor& PatchEvaluator::evaluate(const Trace& base, std::size_t n, std::span<const Patch> patches) {
    if (patches.empty()) fail(ErrorCode::bad_argument, "there must be at least one patch");
    base_ = &base;
    sample_ = n;
    for (ValueId v = 0; v <= until_; ++v) {
        if (gathered_[v]) reshape_to(batch_[v], with_batch(network_.shape(v), patches.size()));
    }
    unchanged_.assign(patches.size(), 1);
    for (std::size_t p = 0; p < patches.size(); ++p) {
        patch_input(patches[p]);
        for (ValueId v = 0; v <= until_; ++v) {
            if (!local_[v] || !needed_[v]) continue;
            if (v > 0) cross(v - 1);
            if (!gathered_[v]) continue;
            write_out(patched(v), sample(batch_[v], p).data());
            if (differs(patched(v))) unchanged_[p] = 0;
        }
    }
    for (ValueId v = 1; v <= until_; ++v) {
        if (local_[v] || !needed_[v]) continue;
        const Node& node = network_.nodes()[v - 1];
        LayerInputs storage;
        reshape_to(batch_[v], with_batch(network_.shape(v), patches.size()));
        node.layer->forward(inputs_of(node, batch_, storage), batch_[v], records_[v - 1]);
    }
    // A batch may round otherwise than a single sample does; what did not change must not change.
    for (std::size_t p = 0; p < patches.size(); ++p) {
        if (unchanged_[p]) std::copy_n(base_data(until_), sample_size(batch_[until_]), sample(batch_[until_], p).data());
    }
    return batch_[until_];
}

}  // namespace pellucid
