#include "pellucid/nn/patch_plan.hpp"

#include "pellucid/nn/fusing.hpp"

#include <algorithm>

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

/// Strides are nearly always 1 or 2; a division by anything takes as long as fifty sums.
std::size_t divide(std::size_t a, std::size_t stride) { return stride == 1 ? a : stride == 2 ? a / 2 : a / stride; }

/// Outputs whose window [y·stride − pad, … + kernel) meets [begin, end), of `count` outputs.
std::pair<std::size_t, std::size_t> reached_along(std::size_t begin, std::size_t end, std::size_t kernel,
                                                  std::size_t stride, std::size_t pad, std::size_t count) {
    const std::size_t first = begin + pad + 1 > kernel ? divide(begin + pad + stride - kernel, stride) : 0;
    const std::size_t last = std::min(divide(end - 1 + pad, stride) + 1, count);
    return {std::min(first, count), last};
}

Windows windows_of(const Window& w) { return {w.h, w.w, w.stride.h, w.stride.w, w.padding.top, w.padding.left}; }

}  // namespace

Rect Windows::reached(const Rect& changed, const Shape& to) const {
    if (changed.empty()) return {};
    const auto [top, bottom] = reached_along(changed.top, changed.bottom, kernel_h, stride_h, pad_top, to[1]);
    const auto [left, right] = reached_along(changed.left, changed.right, kernel_w, stride_w, pad_left, to[2]);
    const Rect rect{top, left, bottom, right};
    return rect.empty() ? Rect{} : rect;
}

Rect Windows::under(const Rect& outputs) const {
    if (outputs.empty()) return {};
    return {outputs.top * stride_h, outputs.left * stride_w, (outputs.bottom - 1) * stride_h + kernel_h,
            (outputs.right - 1) * stride_w + kernel_w};
}

PatchPlan::PatchPlan(const Network& network, ValueId until)
    : network_(network), until_(until), readers_(until + 1), local_(until + 1, 0) {
    local_[0] = 1;
    for (ValueId v = 1; v <= until; ++v) {
        const Node& node = network.nodes()[v - 1];
        local_[v] = works_locally(*node.layer) &&
                    std::all_of(node.inputs.begin(), node.inputs.end(), [&](ValueId i) { return local_[i] != 0; });
    }
    const auto needed = [&](ValueId v) { return v == until || !readers_[v].empty(); };
    for (ValueId v = until; v > 0; --v) {
        if (!needed(v)) continue;
        for (const ValueId input : network.nodes()[v - 1].inputs) readers_[input].push_back(v - 1);
    }
    std::vector<char> done(until, 0), wanted(until + 1, 0);
    for (ValueId v = 1; v <= until; ++v) {
        if (!local_[v] && needed(v)) plan_dense(v - 1, done);
    }
    for (ValueId v = 1; v <= until; ++v) {
        if (local_[v] || !needed(v) || done[v - 1]) continue;
        behind.push_back(v - 1);
        for (const ValueId input : network.nodes()[v - 1].inputs) wanted[input] = local_[input];
    }
    wanted[until] = local_[until];
    for (ValueId v = 0; v <= until; ++v) {
        if (wanted[v]) gathered.push_back(v);
    }
    for (ValueId v = 1; v <= until; ++v) {
        if (!local_[v] || !needed(v) || done[v - 1]) continue;
        PatchStage stage = stage_from(v - 1);
        while (follow(stage)) done[stage.value - 1] = 1;
        stages.push_back(stage);
    }
}

PatchStage PatchPlan::stage_from(std::size_t node) const {
    const Layer& layer = *network_.nodes()[node].layer;
    PatchStage stage{.node = node, .value = node + 1};
    if (const auto* conv = dynamic_cast<const Conv2d*>(&layer)) {
        const auto [kernel_h, kernel_w, inputs, outputs] = conv->weight().shape();
        stage.conv = conv;
        const auto [stride, padding] = std::pair{conv->stride(), conv->padding()};
        stage.windows = {kernel_h, kernel_w, stride.h, stride.w, padding.top, padding.left};
        // A stamp reads and writes its outputs for each tap: too much where inputs are few.
        constexpr std::size_t few = 4;
        const bool stamps = conv->stride() == Stride{} && inputs >= few && outputs >= simd::narrow_limit;
        stage.way = stamps ? PatchStage::Way::stamps : PatchStage::Way::convolve;
    } else if (const auto* pool = dynamic_cast<const MaxPool2d*>(&layer)) {
        stage.windows = windows_of(pool->window());
        stage.way = PatchStage::Way::maximum;
    } else if (const auto* mean = dynamic_cast<const AveragePool2d*>(&layer)) {
        // The divisor of a mean depends on where the window stands, which the layer itself knows best: it gets the
        // whole patched input. Average pools are rare behind a change that is still local.
        stage.windows = windows_of(mean->window());
        stage.way = PatchStage::Way::whole;
    } else if (layer.kind() == Kind::add) {
        stage.way = PatchStage::Way::add;
    } else {
        stage.way = detail::rectifies(layer) ? PatchStage::Way::rectify : PatchStage::Way::element_wise;
    }
    return stage;
}

/// Takes in the only reader of the stage's value, if that is a ReLU or a max-pool behind a convolution.
bool PatchPlan::follow(PatchStage& stage) const {
    if (stage.conv == nullptr || stage.value == until_ || readers_[stage.value].size() != 1) return false;
    const std::size_t node = readers_[stage.value].front();
    const Layer& next = *network_.nodes()[node].layer;
    if (detail::rectifies(next)) {
        stage.relu = true;  // also behind the pooling: the two commute
    } else {
        const auto* pool = dynamic_cast<const MaxPool2d*>(&next);
        if (pool == nullptr || stage.pools || pool->window().padding != Padding{}) return false;
        const Windows windows = windows_of(pool->window());
        const Shape& from = network_.shape(stage.value);
        const Shape& to = network_.shape(node + 1);
        const Rect under = windows.under({0, 0, to[1], to[2]});
        if (under.bottom > from[1] || under.right > from[2]) return false;
        stage.pools = true;
        stage.pool = windows;
    }
    stage.value = node + 1;
    return true;
}

/// Plans a dense layer by changes if nobody else wants what it reads as one row of numbers.
void PatchPlan::plan_dense(std::size_t node, std::vector<char>& done) {
    const auto* layer = dynamic_cast<const Dense*>(network_.nodes()[node].layer.get());
    if (layer == nullptr || layer->weight().shape()[3] < simd::narrow_limit) return;
    ValueId from = network_.nodes()[node].inputs[0];
    std::vector<std::size_t> flattens;
    for (; !local_[from]; from = network_.nodes()[from - 1].inputs[0]) {
        if (network_.nodes()[from - 1].layer->kind() != Kind::pass_through || readers_[from].size() != 1) return;
        flattens.push_back(from - 1);
    }
    dense.push_back({from, node});
    for (const std::size_t flatten : flattens) done[flatten] = 1;
    done[node] = 1;
}

}  // namespace pellucid
