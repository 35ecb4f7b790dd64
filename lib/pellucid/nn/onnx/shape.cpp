// Operators that keep the numbers: Dropout, Softmax, and changes of shape.

#include "pellucid/nn/layers.hpp"
#include "pellucid/nn/onnx/site.hpp"

namespace pellucid::onnx {
namespace {

using Extents = std::vector<std::size_t>;

/// Axes of one sample as ONNX counts them, without the batch.
Extents onnx_dims(const Form& form, const Shape& shape) {
    switch (form.axes) {
        case Axes::nchw: return {shape[3], shape[1], shape[2]};
        case Axes::nhwc: return {shape[1], shape[2], shape[3]};
        case Axes::vector: break;
    }
    return {shape[3]};
}

/// What a Reshape to `target` makes of one sample; empty where it would change the batch.
std::optional<Extents> reshaped(const Array& target, bool zero_copies, const Extents& from,
                                std::optional<std::int64_t> batch) {
    const std::size_t size = [&] {
        std::size_t product = 1;
        for (const std::size_t dim : from) product *= dim;
        return product;
    }();
    if (target.size() < 2 || target.size() > 4) return std::nullopt;
    Extents dims;
    std::size_t known = 1;
    std::optional<std::size_t> open;
    for (std::size_t i = 1; i < target.size(); ++i) {
        if (target.is_open() && target.per_sample[i] != 0) return std::nullopt;
        std::int64_t dim = target.ints[i];
        if (dim == 0 && zero_copies && i <= from.size()) dim = static_cast<std::int64_t>(from[i - 1]);
        if (dim == -1 && !open) {
            open = i - 1;
            dim = 1;
        }
        if (dim < 1 || static_cast<std::uint64_t>(dim) > size / known) return std::nullopt;
        dims.push_back(static_cast<std::size_t>(dim));
        known *= dims.back();
    }
    const bool is_batch = target.is_open() && target.per_sample[0] != 0;
    const std::int64_t first = target.ints[0];
    const bool keeps_batch = is_batch
                                 ? first == 0 && target.per_sample[0] == 1
                                 : (first == 0 && zero_copies) || (first == -1 && !open) || (batch && first == *batch);
    if (!keeps_batch) return std::nullopt;
    if (open) {
        dims[*open] = size / known;
        known *= dims[*open];
    }
    return known == size ? std::optional(dims) : std::nullopt;
}

/// Whether (c, h, w) and (h, w, c) hold the same numbers in the same order.
bool is_order_free(const Shape& shape) { return shape[3] == 1 || shape[1] * shape[2] == 1; }

}  // namespace

Built build_dropout(Site& site) {
    float rate = site.number("ratio", 0.5F);
    site.ignore("seed");
    if (site.has(1)) {
        const Array& ratio = site.constant(1);
        if (ratio.is_integer || ratio.size() != 1) site.unsound("its ratio has to be one number");
        rate = ratio.floats[0];
    }
    if (!(rate >= 0.0F && rate < 1.0F)) site.unsound("its ratio is {}; right is 0 … 1, without 1", rate);
    // Then it drops by chance whenever the network is asked; ours is quiet but in training.
    if (site.has(2) && site.flag(2) && rate > 0.0F)
        site.unsupported(
            "its training_mode is true, so that it drops values by chance: export the network for inference");
    return {std::make_unique<Dropout>(rate), site.value(0).form};
}

Built build_softmax(Site& site) {
    const Form form = site.value(0).form;
    const Shape& shape = site.shape(0);
    const std::int64_t rank = form.axes == Axes::vector ? 2 : 4;
    const bool one_axis = site.opset() >= 13;  // before, the axis and all behind it were one
    const std::int64_t named = site.integer("axis", one_axis ? -1 : 1);
    const std::int64_t axis = named < 0 ? named + rank : named;
    const bool channels = form.axes == Axes::vector ? axis == 1
                          : form.axes == Axes::nhwc ? axis == 3
                                                    : axis == 1 && (one_axis || shape[1] * shape[2] == 1);
    if (!channels) site.unsupported("axis {} is not supported here; supported: the channels", named);
    if (site.op() == "LogSoftmax") return {std::make_unique<LogSoftmax>(), form};
    return {std::make_unique<Softmax>(), form};
}

Built build_flatten(Site& site) {
    const Value& value = site.value(0);
    const std::int64_t rank = value.form.axes == Axes::vector ? 2 : 4;
    const std::int64_t axis = site.integer("axis", 1);
    if (axis != 1 && axis != 1 - rank) site.unsupported("axis {} is not supported; supported: 1", axis);
    return {std::make_unique<Flatten>(), flattened(value.form, site.shape(0))};
}

Built build_reshape(Site& site) {
    const Value& value = site.value(0);
    const Shape& shape = site.shape(0);
    site.ignore("shape");
    const bool zero_copies = site.integer("allowzero", 0) == 0;
    const Array& target = site.sizes_of(1);
    const Extents from = onnx_dims(value.form, shape);
    const auto to = reshaped(target, zero_copies, from, site.batch());
    const Extents chw{shape[3], shape[1], shape[2]}, hwc{shape[1], shape[2], shape[3]};
    if (to == from) return {nullptr, value.form};
    if (to && to->size() == 1) {
        // (N, c, 1, 1) → (N, c) is the same vector to us.
        if (shape[1] * shape[2] == 1) return {nullptr, {Axes::vector, {}}};
        return {std::make_unique<Flatten>(), flattened(value.form, shape)};
    }
    if (to && is_order_free(shape) && !value.form.is_reordered()) {
        if (*to == chw) return {nullptr, {Axes::nchw, {}}};
        if (*to == hwc) return {nullptr, {Axes::nhwc, {}}};
    }
    std::vector<std::string> asked;
    for (std::size_t i = 0; i < target.size(); ++i) {
        const std::int64_t of_batch = target.is_open() ? target.per_sample[i] : 0;
        asked.push_back(of_batch == 0                          ? fmt::format("{}", target.ints[i])
                        : of_batch == 1 && target.ints[i] == 0 ? "N"
                                                               : fmt::format("{} + {}·N", target.ints[i], of_batch));
    }
    site.unsupported("a Reshape of (N, {}) to ({}) is not supported; supported: to (N, -1)", comma_separated(from),
                     comma_separated(asked));
}

Built build_squeeze(Site& site) {
    const Form form = site.value(0).form;
    const Shape& shape = site.shape(0);
    const auto listed = site.has(1) ? site.ints(1) : site.integers("axes");
    std::set<std::int64_t> axes;
    for (const std::int64_t axis : listed) axes.insert(axis < 0 ? axis + 4 : axis);
    if (form.axes == Axes::vector || shape[1] * shape[2] != 1 || axes != spatial_axes(form)) {
        site.unsupported("axes ({}) are not supported here; supported: rows and columns of images of one pixel",
                         comma_separated(listed));
    }
    return {nullptr, {Axes::vector, {}}};
}

Built build_transpose(Site& site) {
    const Form form = site.value(0).form;
    std::vector<std::size_t> order = site.has_attribute("perm")
                                         ? site.sizes("perm", form.axes == Axes::vector ? 2 : 4, 0, 0)
                                         : std::vector<std::size_t>{};
    if (order == std::vector<std::size_t>{0, 1} || order == std::vector<std::size_t>{0, 1, 2, 3})
        return {nullptr, form};
    if (form.axes == Axes::nchw && order == std::vector<std::size_t>{0, 2, 3, 1}) return {nullptr, {Axes::nhwc, {}}};
    if (form.axes == Axes::nhwc && order == std::vector<std::size_t>{0, 3, 1, 2}) return {nullptr, {Axes::nchw, {}}};
    site.unsupported("only the change between (N, C, H, W) and (N, H, W, C) is supported, not perm = ({}) of {}",
                     comma_separated(order),
                     form.axes == Axes::nchw   ? "(N, C, H, W)"
                     : form.axes == Axes::nhwc ? "(N, H, W, C)"
                                               : "(N, F)");
}

Built build_identity(Site& site) { return {nullptr, site.value(0).form}; }

}  // namespace pellucid::onnx
