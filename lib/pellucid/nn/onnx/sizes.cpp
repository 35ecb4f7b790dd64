// Arithmetic on sizes, as PyTorch's older exporter writes x.view(x.size(0), -1) with an open batch: Shape, Gather,
// Unsqueeze, Concat. It is done while reading; only the batch's size stays open.

#include "pellucid/nn/onnx/site.hpp"

namespace pellucid::onnx {
namespace {

Built sizes(std::vector<std::int64_t> values) { return {nullptr, {}, std::move(values)}; }

}  // namespace

Built build_shape(Site& site) {
    site.require("start", 0);
    const Form form = site.value(0).form;
    const auto [n, h, w, c] = site.shape(0);
    std::vector<std::size_t> dims{c};
    if (form.axes == Axes::nchw) dims = {c, h, w};
    if (form.axes == Axes::nhwc) dims = {h, w, c};
    std::vector<std::int64_t> values{open_batch};
    values.insert(values.end(), dims.begin(), dims.end());
    return sizes(std::move(values));
}

Built build_gather(Site& site) {
    site.require("axis", 0);
    const std::vector<std::int64_t> from = site.sizes_of(0);
    const auto count = static_cast<std::int64_t>(from.size());
    std::vector<std::int64_t> values;
    for (const std::int64_t index : site.ints(1)) {
        if (index < -count || index >= count) site.unsound("it takes number {} of {}", index, count);
        values.push_back(from[static_cast<std::size_t>(index < 0 ? index + count : index)]);
        if (values.size() > 16) site.unsupported("a shape of more than 16 axes is not supported");
    }
    return sizes(std::move(values));
}

Built build_unsqueeze(Site& site) {
    site.ignore("axes");  // one number and a list of one are the same here
    return sizes(site.sizes_of(0));
}

Built build_concat(Site& site) {
    site.require("axis", 0);
    std::vector<std::int64_t> values;
    for (std::size_t i = 0; site.has(i); ++i) {
        const std::vector<std::int64_t> more = site.sizes_of(i);
        values.insert(values.end(), more.begin(), more.end());
        if (values.size() > 16) site.unsupported("a shape of more than 16 axes is not supported");
    }
    return sizes(std::move(values));
}

}  // namespace pellucid::onnx
