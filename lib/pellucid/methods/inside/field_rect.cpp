#include "pellucid/methods/inside/field_rect.hpp"

#include "pellucid/nn/layers.hpp"

#include <cmath>

namespace pellucid::methods {

namespace {

using Place = std::ptrdiff_t;

/// One axis of a rectangle: [first, last).
struct Extent {
    Place first, last;
};

Place signed_place(std::size_t value) { return static_cast<Place>(value); }

Place floor_divided(Place a, Place b) { return a >= 0 ? a / b : -((-a + b - 1) / b); }

Extent under_window(Extent out, std::size_t kernel, std::size_t stride, std::size_t padding) {
    return {out.first * signed_place(stride) - signed_place(padding),
            (out.last - 1) * signed_place(stride) - signed_place(padding) + signed_place(kernel)};
}

/// Output y reads input i where y = i·stride + k − padding for a row k of the kernel.
Extent under_transposed(Extent out, std::size_t kernel, std::size_t stride, std::size_t padding) {
    const Place s = signed_place(stride), p = signed_place(padding), k = signed_place(kernel);
    return {floor_divided(out.first + p - k, s) + 1, floor_divided(out.last - 1 + p, s) + 1};
}

/// Rows of an image of `size` that rows of the padded one show; mirrored rows lie inside.
Extent under_padding(Extent out, Pad::Mode mode, std::size_t before, std::size_t size) {
    const Place last = signed_place(size) - 1;
    Extent in{out.first - signed_place(before), out.last - signed_place(before)};
    if (mode == Pad::Mode::edge) in = {std::min(in.first, last), std::max<Place>(in.last, 1)};
    if (mode == Pad::Mode::reflect) {
        // What lies inside, and the mirrors of what lies before and behind.
        const Extent own = in;
        in = {last + 1, 0};
        const auto join = [&](Place first, Place end) {
            if (first < end) in = {std::min(in.first, first), std::max(in.last, end)};
        };
        join(std::max<Place>(own.first, 0), std::min(own.last, last + 1));
        join(1 - std::min<Place>(own.last, 0), 1 - own.first);
        join(2 * last - own.last + 1, 2 * last - std::max(own.first, last + 1) + 1);
    }
    return in;
}

Extent under_resize(Extent out, Resize::Mode mode, float scale) {
    const auto at = [&](Place i, double shift) {
        return (static_cast<double>(i) + shift) / static_cast<double>(scale);
    };
    if (mode == Resize::Mode::nearest) {
        return {static_cast<Place>(std::floor(at(out.first, 0))),
                static_cast<Place>(std::floor(at(out.last - 1, 0))) + 1};
    }
    return {static_cast<Place>(std::floor(at(out.first, 0.5) - 0.5)),
            static_cast<Place>(std::floor(at(out.last - 1, 0.5) - 0.5)) + 2};
}

/// The rectangle of a layer's input that a rectangle of its output reads, before it is cut to the image.
FieldRect rect_under(const Layer& layer, const Shape& in, const FieldRect& out) {
    const Extent rows{out.top, out.bottom}, columns{out.left, out.right};
    const auto rect = [](Extent r, Extent c) { return FieldRect{r.first, c.first, r.last, c.last}; };
    const auto window = [&](const Window& w) {
        return rect(under_window(rows, w.h, w.stride.h, w.padding.top),
                    under_window(columns, w.w, w.stride.w, w.padding.left));
    };
    if (const auto* conv = dynamic_cast<const Conv2d*>(&layer)) {
        const auto& kernel = conv->weight().shape();
        return rect(under_window(rows, kernel[0], conv->stride().h, conv->padding().top),
                    under_window(columns, kernel[1], conv->stride().w, conv->padding().left));
    }
    if (const auto* conv = dynamic_cast<const ConvTranspose2d*>(&layer)) {
        const auto& kernel = conv->weight().shape();
        return rect(under_transposed(rows, kernel[0], conv->stride().h, conv->padding().top),
                    under_transposed(columns, kernel[1], conv->stride().w, conv->padding().left));
    }
    if (const auto* pool = dynamic_cast<const MaxPool2d*>(&layer)) return window(pool->window());
    if (const auto* pool = dynamic_cast<const AveragePool2d*>(&layer)) return window(pool->window());
    if (const auto* pad = dynamic_cast<const Pad*>(&layer)) {
        return rect(under_padding(rows, pad->mode(), pad->padding().top, in[1]),
                    under_padding(columns, pad->mode(), pad->padding().left, in[2]));
    }
    if (const auto* resize = dynamic_cast<const Resize*>(&layer)) {
        return rect(under_resize(rows, resize->mode(), resize->scale_h()),
                    under_resize(columns, resize->mode(), resize->scale_w()));
    }
    const bool whole = dynamic_cast<const Flatten*>(&layer) != nullptr || layer.kind() == Kind::dense ||
                       dynamic_cast<const GlobalAveragePool*>(&layer) != nullptr;
    return whole ? FieldRect{0, 0, signed_place(in[1]), signed_place(in[2])} : out;
}

}  // namespace

FieldRect window_under(const Layer& layer, const Shape& input, const FieldRect& out) {
    const FieldRect under = rect_under(layer, input, out);
    return {std::max<Place>(under.top, 0), std::max<Place>(under.left, 0),
            std::min(under.bottom, signed_place(input[1])), std::min(under.right, signed_place(input[2]))};
}

FieldRect receptive_rect(const Network& network, ValueId value, const FieldRect& rect) {
    std::vector<FieldRect> rects(value + 1);
    rects[value] = rect;
    for (ValueId at = value; at > 0; --at) {
        if (rects[at].empty()) continue;
        const Node& node = network.nodes()[at - 1];
        for (const ValueId input : node.inputs) {
            const FieldRect under = window_under(*node.layer, network.shape(input), rects[at]);
            if (under.empty()) continue;
            FieldRect& all = rects[input];
            all = all.empty() ? under
                              : FieldRect{std::min(all.top, under.top), std::min(all.left, under.left),
                                          std::max(all.bottom, under.bottom), std::max(all.right, under.right)};
        }
    }
    return rects[0];
}

FieldRect receptive_rect(const Network& network, const Target& target) {
    ValueId value = target_value(target, network);
    if (target.kind != TargetKind::neuron) {
        const Shape& shape = network.shape(value);
        return receptive_rect(network, value, {0, 0, signed_place(shape[1]), signed_place(shape[2])});
    }
    // A unit of a Flatten is one of what it reads, at one place.
    std::size_t unit = (target.y * network.shape(value)[2] + target.x) * network.shape(value)[3] + target.index;
    while (value > 0 && network.nodes()[value - 1].layer->kind() == Kind::pass_through) {
        value = network.nodes()[value - 1].inputs.front();
    }
    const Shape& shape = network.shape(value);
    const auto row = signed_place(unit / shape[3] / shape[2]), column = signed_place(unit / shape[3] % shape[2]);
    return receptive_rect(network, value, {row, column, row + 1, column + 1});
}

}  // namespace pellucid::methods
