/// The outer loops of the patch evaluator. Patches are processed in chunks; each chunk goes through the stages one by
/// one (patch_crossing.cpp), and the changes it causes in a dense layer's input are collected until a group of chunks
/// is complete. The layers behind the first dense layer, where every position mixes with every other, are then computed
/// for all patches at once.
#include "pellucid/nn/patch_evaluator.hpp"

#include "pellucid/error.hpp"

#include <algorithm>

namespace pellucid {

namespace {

/// Number of patches that go through the layers together: few enough for their overlays to stay in the cache.
constexpr std::size_t chunk = 14;
/// Number of patches whose changes go through a dense layer together: enough to read each of its weights once for many.
constexpr std::size_t group = 4 * chunk;

}  // namespace

PatchEvaluator::PatchEvaluator(const Network& network, ValueId until)
    : network_(network),
      until_(until),
      plan_(network, until),
      overlays_(until + 1),
      batch_(until + 1),
      whole_(until + 1),
      lines_(until + 1),
      records_(until),
      canvases_(plan_.stages.size()),
      dense_changes_(plan_.dense.size()) {}

const float* PatchEvaluator::base_data(ValueId value) const { return sample(base_->values[value], sample_).data(); }

void PatchEvaluator::check(const Patch& patch) const {
    const Shape& shape = network_.input_shape();
    if (patch.rect.empty() || patch.rect.bottom > shape[1] || patch.rect.right > shape[2]) {
        fail(ErrorCode::bad_argument,
             "a patch of rows {} to {} and columns {} to {} does not lie in an input of {} × {}", patch.rect.top,
             patch.rect.bottom, patch.rect.left, patch.rect.right, shape[1], shape[2]);
    }
}

void PatchEvaluator::take_inputs(std::span<const Patch> patches) {
    const Shape& shape = network_.input_shape();
    std::size_t rows = 0, columns = 0;
    for (const Patch& patch : patches) {
        rows = std::max(rows, patch.rect.rows());
        columns = std::max(columns, patch.rect.columns());
    }
    count_ = patches.size();
    overlays_[0].reset(count_, rows, columns, shape[3]);
    for (std::size_t p = 0; p < count_; ++p) {
        const Rect& rect = patches[p].rect;
        overlays_[0].place(p, rect);
        for (std::size_t y = rect.top; y < rect.bottom; ++y) {
            const float* const from = patches[p].image + (y * shape[2] + rect.left) * shape[3];
            std::copy_n(from, rect.columns() * shape[3], overlays_[0].row(p, y));
        }
    }
}

std::size_t PatchEvaluator::find_changes(ValueId value, std::size_t p, Changes& to) const {
    const Patched in = patched(value, p);
    const Rect& rect = in.rect();
    if (rect.empty()) return 0;
    const std::size_t channels = in.shape[3];
    const std::size_t room = to.count + rect.area() + simd::scatter_margin;
    if (to.places.size() < room) to.places.resize(room);
    if (to.by.size() < room * channels) to.by.resize(room * channels);
    const std::size_t found =
        simd::kernels().differences(rect.rows(), rect.columns(), channels, in.overlays.row(p, rect.top),
                                    in.overlays.step(), in.at(rect.top, rect.left), in.shape[2] * channels,
                                    to.by.data() + to.count * channels, to.places.data() + to.count);
    to.count += found;
    return found;
}

/// Stores what later layers need of a chunk, whose first patch is number `first`, before the next chunk takes its
/// memory.
void PatchEvaluator::gather(std::size_t first) {
    for (const ValueId v : plan_.gathered) {
        for (std::size_t p = 0; p < count_; ++p) {
            write_out(patched(v, p), sample(batch_[v], first + p).data());
            if (!changed(patched(v, p)).empty()) unchanged_[first + p] = 0;
        }
    }
    for (std::size_t d = 0; d < plan_.dense.size(); ++d) {
        const ValueId from = plan_.dense[d].from;
        auto& [changes, patches] = dense_changes_[d];
        for (std::size_t p = 0; p < count_; ++p) {
            const std::size_t begin = changes.count;
            if (find_changes(from, p, changes) == 0) continue;
            unchanged_[first + p] = 0;
            if (patches.size() < changes.count) patches.resize(changes.count);
            const Rect& rect = overlays_[from].rect(p);
            const auto columns = static_cast<std::uint32_t>(network_.shape(from)[2]);
            const auto corner = static_cast<std::uint32_t>(rect.top) * columns + static_cast<std::uint32_t>(rect.left);
            for (std::size_t i = begin; i < changes.count; ++i) {
                const std::uint32_t place = changes.places[i];
                changes.places[i] = corner + (place >> 16U) * columns + (place & 0xFFFFU);
                patches[i] = static_cast<std::uint32_t>(first + p);
            }
        }
    }
}

/// Adds the effect of a group's changes to the outputs of a dense layer, one input pixel after another, so that the
/// weights of a pixel are read once for all patches that change it.
void PatchEvaluator::add_changes(const ChangedDense& dense, DenseChanges& found) {
    const Shape& from = network_.shape(dense.from);
    const auto& weights = dynamic_cast<const Dense&>(*network_.nodes()[dense.node].layer).prepared().forward;
    Tensor& out = batch_[dense.node + 1];
    const std::size_t pixels = from[1] * from[2];
    const std::size_t count = found.changes.count;
    // A counting sort by pixel; changes of one pixel stay in the order of the patches.
    starts_.assign(pixels + 1, 0);
    for (std::size_t i = 0; i < count; ++i) ++starts_[found.changes.places[i] + 1];
    for (std::size_t i = 0; i < pixels; ++i) starts_[i + 1] += starts_[i];
    if (order_.size() < count) order_.resize(count);
    if (targets_.size() < count) targets_.resize(count);
    for (std::size_t i = 0; i < count; ++i) {
        const std::uint32_t at = starts_[found.changes.places[i]]++;
        order_[at] = static_cast<std::uint32_t>(i);
        targets_[at] = out.data() + found.patches[i] * weights.out_c;
    }
    std::size_t begin = 0;  // the sort has moved starts_[pixel] to where the pixel's changes end
    for (std::size_t pixel = 0; pixel < pixels; begin = starts_[pixel++]) {
        if (begin == starts_[pixel]) continue;
        simd::kernels().scatter_products({.count = starts_[pixel] - begin,
                                          .in_c = from[3],
                                          .out_c = weights.out_c,
                                          .in = found.changes.by.data(),
                                          .rows = order_.data() + begin,
                                          .weights = weights.data.data() + pixel * from[3] * simd::pack_block,
                                          .weight_step = weights.in_c * simd::pack_block,
                                          .out = targets_.data() + begin,
                                          .offset = 0});
    }
    found.changes.count = 0;
}

const Tensor& PatchEvaluator::evaluate(const Trace& base, std::size_t n, std::span<const Patch> patches) {
    if (patches.empty()) fail(ErrorCode::bad_argument, "there must be at least one patch");
    for (const Patch& patch : patches) check(patch);
    base_ = &base;
    sample_ = n;
    const std::size_t total = patches.size();
    for (const ValueId v : plan_.gathered) reshape_to(batch_[v], with_batch(network_.shape(v), total));
    for (const ChangedDense& dense : plan_.dense) {
        Tensor& out = batch_[dense.node + 1];
        reshape_to(out, with_batch(network_.shape(dense.node + 1), total));
        const float* const recorded = base_data(dense.node + 1);
        for (std::size_t p = 0; p < total; ++p) std::copy_n(recorded, sample_size(out), sample(out, p).data());
    }
    for (std::size_t s = 0; s < plan_.stages.size(); ++s) {
        paint(plan_.stages[s], canvases_[s]);
    }
    unchanged_.assign(total, 1);
    for (std::size_t first = 0; first < total; first += chunk) {
        take_inputs(patches.subspan(first, std::min(chunk, total - first)));
        for (std::size_t s = 0; s < plan_.stages.size(); ++s) cross(s);
        gather(first);
        if ((first + chunk) % group == 0 || first + chunk >= total) {
            for (std::size_t d = 0; d < plan_.dense.size(); ++d) add_changes(plan_.dense[d], dense_changes_[d]);
        }
    }
    for (const std::size_t node : plan_.behind) {
        LayerInputs storage;
        Tensor& out = batch_[node + 1];
        reshape_to(out, with_batch(network_.shape(node + 1), total));
        network_.nodes()[node].layer->forward(inputs_of(network_.nodes()[node], batch_, storage), out, records_[node]);
    }
    // A batch may round differently from a single sample. A patch that changes nothing must give exactly the base's
    // value.
    for (std::size_t p = 0; p < total; ++p) {
        if (unchanged_[p])
            std::copy_n(base_data(until_), sample_size(batch_[until_]), sample(batch_[until_], p).data());
    }
    return batch_[until_];
}

}  // namespace pellucid
