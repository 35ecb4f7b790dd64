// Operators that slide a window over an image: pools, and what convolutions share with them; and Resize.

#include "pellucid/nn/onnx/window.hpp"

#include <algorithm>
#include <cmath>

namespace pellucid::onnx {
namespace {

/// Padding along one axis after which ⌈size/stride⌉ windows fit, as auto_pad SAME_* wants it.
std::size_t total_same_padding(std::size_t size, std::size_t kernel, std::size_t stride) {
    const std::size_t windows = (size + stride - 1) / stride;
    const std::size_t needed = (windows - 1) * stride + kernel;
    return needed > size ? needed - size : 0;
}

Window read_window(Site& site) {
    site.require_image();
    const auto kernel = site.sizes("kernel_shape", 2, 1, std::nullopt);
    Window window;
    window.h = kernel[0];
    window.w = kernel[1];
    window.stride = read_stride(site);
    window.padding = read_padding(site, window.h, window.w, window.stride);
    window.ceil = site.integer("ceil_mode", 0) != 0;
    return window;
}

constexpr std::string_view known_coordinates[] = {"half_pixel", "pytorch_half_pixel", "half_pixel_symmetric",
                                                  "align_corners", "asymmetric"};

/// Where output pixel `at` of `out` looks in an axis of `in` pixels, by ONNX's coordinate_transformation_mode. In
/// float, as runtimes compute it: at exact ties the choice of the nearest pixel depends on it.
float source(std::string_view mode, float at, float scale, float in, float out) {
    const float half_pixel = (at + 0.5F) / scale - 0.5F;
    if (mode == "asymmetric") return at / scale;
    if (mode == "align_corners") return out == 1.0F ? 0.0F : at * (in - 1.0F) / (out - 1.0F);
    if (mode == "pytorch_half_pixel") return out > 1.0F ? half_pixel : 0.0F;
    if (mode == "half_pixel_symmetric") return in / 2.0F * (1.0F - out / (scale * in)) + half_pixel;
    return half_pixel;
}

float rounded(std::string_view mode, float place) {
    if (mode == "round_prefer_floor") return std::ceil(place - 0.5F);
    if (mode == "round_prefer_ceil") return std::floor(place + 0.5F);
    return mode == "ceil" ? std::ceil(place) : std::floor(place);
}

/// One axis of a Resize: the scale that our layer needs, where that gives the same picture.
struct ResizedAxis {
    std::size_t in, out;
    double scale;  ///< ONNX's

    /// Our layer puts out ⌊in·scale⌋ pixels; an `out` that the file names may need the next larger float.
    float our_scale() const {
        auto ours = static_cast<float>(scale);
        if (std::floor(static_cast<float>(in) * ours) < static_cast<float>(out)) {
            ours = std::nextafter(ours, std::numeric_limits<float>::infinity());
        }
        return ours;
    }

    /// Several modes of ONNX agree with ours for the sizes at hand, so the places themselves are compared.
    bool agrees(bool nearest, std::string_view coordinates, std::string_view rounding) const {
        const float ours = our_scale();
        const auto pixels = static_cast<float>(in);
        for (std::size_t i = 0; i < out; ++i) {
            const auto at = static_cast<float>(i);
            const float theirs = source(coordinates, at, static_cast<float>(scale), pixels, static_cast<float>(out));
            const auto inside = [&](float place) { return std::clamp(place, 0.0F, pixels - 1.0F); };
            const bool same = nearest ? inside(rounded(rounding, theirs)) == inside(std::floor(at / ours))
                                      : std::abs(inside(theirs) - inside((at + 0.5F) / ours - 0.5F)) <= 1e-6F * pixels;
            if (!same) return false;
        }
        return true;
    }
};

/// Sizes after the resizing as the file asks for them, by `scales` or by `sizes`, for rows and columns.
std::pair<ResizedAxis, ResizedAxis> resized_axes(Site& site) {
    constexpr double most = 65'536;
    const bool old = site.opset() < 11;  // Resize and Upsample of values and scales
    const std::size_t at = old ? 1 : 2;
    const bool by_attribute = old && !site.has(at);
    const bool by_scales = by_attribute || (site.is_known(at) && site.constant(at).size() > 0);
    if (!by_scales && (old || !site.has(3))) site.unsupported("it has neither constant scales nor constant sizes");
    Array listed;
    if (by_attribute) listed.floats = site.numbers("scales");
    const Array& targets = by_attribute ? listed : site.constant(by_scales ? at : 3);
    if (targets.is_integer == by_scales) site.unsound("its {} are of the wrong type", by_scales ? "scales" : "sizes");

    const Shape& shape = site.shape(0);
    const std::size_t in[] = {1, shape[3], shape[1], shape[2]};
    ResizedAxis axes[4];
    for (std::size_t i = 0; i < 4; ++i) axes[i] = {in[i], in[i], 1.0};

    const auto named =
        site.has_attribute("axes") ? site.sizes("axes", targets.size(), 0, 0) : std::vector<std::size_t>{0, 1, 2, 3};
    if (targets.size() != named.size())
        site.unsound("it has {} {} for {} axes", targets.size(), by_scales ? "scales" : "sizes", named.size());
    for (std::size_t i = 0; i < named.size(); ++i) {
        if (named[i] > 3) site.unsound("axis {} is none of (N, C, H, W)", named[i]);
        ResizedAxis& axis = axes[named[i]];
        if (!by_scales && named[i] == 0) {
            // The batch's size: any number, since it means "as it is".
            continue;
        }
        const double size = static_cast<double>(axis.in);
        axis.scale = by_scales ? static_cast<double>(targets.floats[i]) : static_cast<double>(targets.ints[i]) / size;
        if (!(axis.scale > 0.0) || !(axis.scale * size <= most))
            site.unsound("it scales {} pixels by {}", size, axis.scale);
        axis.out = by_scales ? static_cast<std::size_t>(std::floor(size * axis.scale))
                             : static_cast<std::size_t>(targets.ints[i]);
        if (axis.out == 0) site.unsound("it scales {} pixels by {}, which leaves none", size, axis.scale);
    }
    if (axes[0].scale != 1.0 || axes[1].out != axes[1].in) site.unsupported("only rows and columns can be resized");
    return {axes[2], axes[3]};
}

}  // namespace

Stride read_stride(Site& site) {
    for (const std::size_t dilation : site.sizes("dilations", 2, 1, 1)) {
        if (dilation != 1) site.unsupported("dilation {} is not supported; supported: 1", dilation);
    }
    const auto strides = site.sizes("strides", 2, 1, 1);
    return {strides[0], strides[1]};
}

Ends same_padding(std::size_t total, bool upper) {
    const std::size_t half = total / 2;
    return upper ? Ends{half, total - half} : Ends{total - half, half};
}

Padding read_padding(Site& site, std::size_t h, std::size_t w, Stride stride) {
    const std::string_view mode = site.word("auto_pad", "NOTSET");
    if (mode == "NOTSET") {
        const auto pads = site.sizes("pads", 4, 0, 0);
        return {.top = pads[0], .left = pads[1], .bottom = pads[2], .right = pads[3]};
    }
    site.ignore("pads");
    if (mode == "VALID") return {};
    if (mode != "SAME_UPPER" && mode != "SAME_LOWER") site.unsound("auto_pad '{}' does not exist", shown(mode));
    const bool upper = mode == "SAME_UPPER";
    const Shape& shape = site.shape(0);
    const Ends rows = same_padding(total_same_padding(shape[1], h, stride.h), upper);
    const Ends columns = same_padding(total_same_padding(shape[2], w, stride.w), upper);
    return {.top = rows.before, .left = columns.before, .bottom = rows.after, .right = columns.after};
}

Built build_max_pool(Site& site) {
    site.ignore("storage_order");  // of the places of the maxima, which are not read
    return {std::make_unique<MaxPool2d>(read_window(site)), {}};
}

Built build_average_pool(Site& site) {
    const Window window = read_window(site);
    const bool count_padding = site.integer("count_include_pad", 0) != 0;
    return {std::make_unique<AveragePool2d>(window, count_padding), {}};
}

Built build_global_average_pool(Site& site) {
    site.require_image();
    return {std::make_unique<GlobalAveragePool>(), {}};
}

/// The pool over the whole image that a global pool or a maximum over rows and columns is.
std::unique_ptr<Layer> whole_max_pool(const Shape& shape) {
    return std::make_unique<MaxPool2d>(Window{.h = shape[1], .w = shape[2], .stride = {shape[1], shape[2]}});
}

Built build_global_max_pool(Site& site) {
    site.require_image();
    return {whole_max_pool(site.shape(0)), {}};
}

/// Checks that a ReduceMean or ReduceMax is over rows and columns; the form behind it.
Form form_without_pixels(Site& site) {
    const Form form = site.value(0).form;
    if (form.axes == Axes::vector) site.unsupported("it reads a vector; supported: over rows and columns of an image");
    const auto listed = site.has(1) ? site.ints(1) : site.integers("axes");
    site.ignore("noop_with_empty_axes");
    std::set<std::int64_t> axes;
    for (const std::int64_t axis : listed) axes.insert(axis < 0 ? axis + 4 : axis);
    if (axes != spatial_axes(form))
        site.unsupported("axes ({}) are not supported; supported: rows and columns", comma_separated(listed));
    return site.integer("keepdims", 1) != 0 ? form : Form{Axes::vector, {}};
}

Built build_reduce_mean(Site& site) {
    const Form form = form_without_pixels(site);
    return {std::make_unique<GlobalAveragePool>(), form};
}

Built build_reduce_max(Site& site) {
    const Form form = form_without_pixels(site);
    return {whole_max_pool(site.shape(0)), form};
}

Built build_pad(Site& site) {
    const Form form = site.value(0).form;
    const std::string_view mode = site.word("mode", "constant");
    const bool by_attributes = site.opset() < 11;
    const auto pads = by_attributes ? site.integers("pads") : site.ints(1);
    const double fill = by_attributes ? static_cast<double>(site.number("value", 0.0F)) : site.scalar(2, 0.0);
    if (mode != "constant" && mode != "edge" && mode != "reflect")
        site.unsupported("mode '{}' is not supported; supported: constant, edge, reflect", shown(mode));
    if (mode == "constant" && fill != 0.0) site.unsupported("padding with {} is not supported; supported: 0", fill);
    const std::int64_t rank = form.axes == Axes::vector ? 2 : 4;
    std::vector<std::int64_t> axes{0, 1, 2, 3};
    axes.resize(static_cast<std::size_t>(rank));
    if (site.has(3)) axes = site.ints(3);
    if (pads.size() != 2 * axes.size()) site.unsound("it has {} pads for {} axes", pads.size(), axes.size());
    Padding padding;
    const std::int64_t row_axis = form.axes == Axes::nhwc ? 1 : 2;
    for (std::size_t i = 0; i < axes.size(); ++i) {
        const std::int64_t axis = axes[i] < 0 ? axes[i] + rank : axes[i];
        const std::int64_t before = pads[i], after = pads[i + axes.size()];
        if (before == 0 && after == 0) continue;
        const bool of_image = form.axes != Axes::vector && (axis == row_axis || axis == row_axis + 1);
        if (!of_image || before < 0 || after < 0 || std::max(before, after) > 10'000) {
            site.unsupported(
                "padding of {} and {} along axis {} is not supported; supported: rows and columns, by 0 … "
                "10000",
                before, after, axes[i]);
        }
        (axis == row_axis ? padding.top : padding.left) = static_cast<std::size_t>(before);
        (axis == row_axis ? padding.bottom : padding.right) = static_cast<std::size_t>(after);
    }
    if (padding == Padding{}) return {nullptr, form};
    const Pad::Mode kind = mode == "constant" ? Pad::Mode::zeros
                           : mode == "edge"   ? Pad::Mode::edge
                                              : Pad::Mode::reflect;
    return {std::make_unique<Pad>(kind, padding), form};
}

Built build_resize(Site& site) {
    site.require_image();
    const std::string_view mode = site.word("mode", "nearest");
    if (mode != "nearest" && mode != "linear")
        site.unsupported("mode '{}' is not supported; supported: nearest, linear", shown(mode));
    const bool old = site.opset() < 11;
    const std::string_view coordinates = site.word("coordinate_transformation_mode", old ? "asymmetric" : "half_pixel");
    if (std::ranges::find(known_coordinates, coordinates) == std::end(known_coordinates)) {
        site.unsupported("coordinate_transformation_mode '{}' is not supported", shown(coordinates));
    }
    const std::string_view rounding = site.word("nearest_mode", old ? "floor" : "round_prefer_floor");
    site.require("antialias", 0);
    site.require("exclude_outside", 0);
    if (site.word("keep_aspect_ratio_policy", "stretch") != "stretch")
        site.unsupported("keep_aspect_ratio_policy is not supported");
    for (const char* name : {"axes", "cubic_coeff_a", "extrapolation_value"}) site.ignore(name);

    const auto [rows, columns] = resized_axes(site);
    const bool nearest = mode == "nearest";
    if (!rows.agrees(nearest, coordinates, rounding) || !columns.agrees(nearest, coordinates, rounding)) {
        site.unsupported("coordinate_transformation_mode '{}'{} is not supported for {}×{} → {}×{}; supported: {}",
                         shown(coordinates), nearest ? fmt::format(" with nearest_mode '{}'", shown(rounding)) : "",
                         rows.in, columns.in, rows.out, columns.out, nearest ? "asymmetric with floor" : "half_pixel");
    }
    return {std::make_unique<Resize>(nearest ? Resize::Mode::nearest : Resize::Mode::linear, rows.our_scale(),
                                     columns.our_scale()),
            {}};
}

}  // namespace pellucid::onnx
