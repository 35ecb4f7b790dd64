// Operators that work on each number alone: activations, arithmetic with constants, and with other values; Concat.

#include "pellucid/nn/layers.hpp"
#include "pellucid/nn/onnx/fold.hpp"
#include "pellucid/nn/onnx/site.hpp"

#include <algorithm>
#include <cmath>

namespace pellucid::onnx {
namespace {

using Function = Activation::Function;

std::size_t rank_of(const Form& form) { return form.axes == Axes::vector ? 2 : 4; }

/// An activation of the node's value, also of one that is pending.
Built activated(Site& site, Activation activation) {
    const Value& value = site.any_value(0);
    if (!value.is_pending) return {std::make_unique<Activation>(activation), value.form};
    Built built{nullptr, value.form};
    built.curves = mapped(value.curves, [&](double x) { return activation.at(x); });
    built.is_pending = true;
    return built;
}

/// A value known by its curves alone: a layer where they are those of a known function, else a step towards one.
Built resolved(const Site& site, Curves curves, const Form& form) {
    Built built{nullptr, form};
    const auto found = match(curves);
    built.curves = std::move(curves);
    built.is_pending = !found || (found->factor != 1.0 && site.is_scaled_next());
    if (built.is_pending) return built;
    built.layer = std::make_unique<Activation>(found->activation);
    built.reads = found->base;
    built.times = found->factor;
    return built;
}

bool compares(std::string_view op) { return op.starts_with("Greater") || op.starts_with("Less"); }

double computed(std::string_view op, double a, double b) {
    if (op == "Greater") return a > b ? 1 : 0;
    if (op == "GreaterOrEqual") return a >= b ? 1 : 0;
    if (op == "Less") return a < b ? 1 : 0;
    if (op == "LessOrEqual") return a <= b ? 1 : 0;
    return op == "Add"   ? a + b
           : op == "Sub" ? a - b
           : op == "Mul" ? a * b
           : op == "Div" ? a / b
           : op == "Max" ? std::max(a, b)
                         : std::min(a, b);
}

/// Max or Min of a value and one number.
Activation bounded(bool from_below, double bound) {
    constexpr float infinity = std::numeric_limits<float>::infinity();
    const auto edge = static_cast<float>(bound);
    if (from_below && edge == 0.0F) return Activation(Function::relu);
    return from_below ? Activation(Function::clip, edge, infinity) : Activation(Function::clip, -infinity, edge);
}

/// Arithmetic of a value and a constant: an affine map of each channel.
Built with_constant(Site& site, std::size_t at) {
    const Value& value = site.any_value(at);
    const std::size_t other = 1 - at;
    const std::string_view op = site.op();
    if (op == "Max" || op == "Min" || compares(op) || value.is_pending) {
        const double number = site.scalar(other, 0);
        const auto apply = [&](double x) { return at == 0 ? computed(op, x, number) : computed(op, number, x); };
        if (compares(op) && !value.is_pending)
            return resolved(site, mapped(with_own(value.curves, value.id), apply), value.form);
        if (value.is_pending) return resolved(site, mapped(value.curves, apply), value.form);
        return {std::make_unique<Activation>(bounded(op == "Max", number)), value.form, value.id};
    }
    if (op == "Div" && at == 1) site.unsupported("a constant divided by a value of the network is not supported");
    const Shape& shape = site.shape(at);
    const auto numbers = site.per_channel(other, value.form, shape);
    if (!numbers) {
        site.unsupported("a constant with the axes ({}) is not supported; supported: one number, or one per channel",
                         comma_separated(site.constant(other).dims));
    }
    std::vector<double> factor(shape[3], 1.0), offset(shape[3], 0.0);
    for (std::size_t c = 0; c < factor.size(); ++c) {
        const double number = (*numbers)[c];
        if (op == "Mul") factor[c] = number;
        if (op == "Div") factor[c] = 1.0 / number;
        if (op == "Add") offset[c] = number;
        if (op == "Sub") offset[c] = at == 0 ? -number : number;
        if (op == "Sub" && at == 1) factor[c] = -1.0;
        if (!std::isfinite(factor[c]) || !std::isfinite(offset[c]))
            site.unsound("it takes channel {} by {}", c, number);
    }
    return {std::make_unique<Affine>(std::move(factor), std::move(offset)), value.form, value.id};
}

}  // namespace

Built build_activation(Site& site) {
    const std::string_view op = site.op();
    const auto parts = [&](Function function, float a = 0.01F, float b = 1.0F) {
        return activated(site, Activation(function, a, b));
    };
    if (op == "Relu") return parts(Function::relu);
    if (op == "LeakyRelu") return parts(Function::leaky_relu, site.number("alpha", 0.01F));
    if (op == "Sigmoid") return parts(Function::sigmoid);
    if (op == "Tanh") return parts(Function::tanh);
    if (op == "Elu") return parts(Function::elu, site.number("alpha", 1.0F));
    if (op == "Celu") {
        const float alpha = site.number("alpha", 1.0F);
        if (alpha == 0.0F) site.unsound("its alpha is 0");
        return parts(Function::celu, alpha);
    }
    if (op == "Selu") {
        const float alpha = site.number("alpha", 1.67326319217681884765625F);
        return parts(Function::selu, alpha, site.number("gamma", 1.05070102214813232421875F));
    }
    if (op == "Softplus") return parts(Function::softplus);
    if (op == "Softsign") return parts(Function::softsign);
    if (op == "HardSigmoid") {
        const float alpha = site.number("alpha", 0.2F);
        return parts(Function::hard_sigmoid, alpha, site.number("beta", 0.5F));
    }
    if (op == "HardSwish") return parts(Function::hard_swish);
    if (op == "Mish") return parts(Function::mish);
    if (op == "Erf") return parts(Function::erf);
    if (op == "Swish") {
        if (site.number("alpha", 1.0F) != 1.0F) site.unsupported("alpha other than 1 is not supported");
        return parts(Function::swish);
    }
    const std::string_view approximate = site.word("approximate", "none");
    if (approximate != "none" && approximate != "tanh")
        site.unsound("approximate '{}' does not exist", shown(approximate));
    return parts(approximate == "none" ? Function::gelu : Function::gelu_tanh);
}

Built build_clip(Site& site) {
    constexpr float infinity = std::numeric_limits<float>::infinity();
    float low = -infinity, high = infinity;
    if (site.opset() < 11) {
        if (site.has_attribute("min")) low = site.number("min", 0.0F);
        if (site.has_attribute("max")) high = site.number("max", 0.0F);
    } else {
        low = static_cast<float>(site.scalar(1, static_cast<double>(low)));
        high = static_cast<float>(site.scalar(2, static_cast<double>(high)));
    }
    if (!(low <= high)) site.unsound("its least value {} is above its largest, {}", low, high);
    if (low == 0.0F && high == infinity) return activated(site, Activation(Function::relu));
    return activated(site, Activation(Function::clip, low, high));
}

Built build_prelu(Site& site) {
    const auto slopes = site.per_channel(1, site.value(0).form, site.shape(0));
    if (!slopes || std::ranges::any_of(*slopes, [&](double slope) { return slope != slopes->front(); }))
        site.unsupported("slopes that differ from channel to channel are not supported; supported: one for all");
    return activated(site, Activation(Function::leaky_relu, static_cast<float>(slopes->front())));
}

/// Powers and the like, which only occur on the way to an activation.
Built build_power(Site& site) {
    const Value& value = site.any_value(0);
    const std::string_view op = site.op();
    const double exponent = op == "Pow" ? site.scalar(1, 1) : 0;
    if (op == "Neg" && !value.is_pending) {
        const std::size_t channels = site.shape(0)[3];
        return {std::make_unique<Affine>(std::vector<double>(channels, -1.0), std::vector<double>(channels, 0.0)),
                value.form};
    }
    const Curves curves = value.is_pending ? value.curves : with_own(value.curves, value.id);
    return resolved(site,
                    mapped(curves,
                           [&](double x) {
                               return op == "Pow"   ? std::pow(x, exponent)
                                      : op == "Exp" ? std::exp(x)
                                      : op == "Log" ? std::log(x)
                                      : op == "Abs" ? std::abs(x)
                                      : op == "Neg" ? -x
                                                    : 1.0 / x;
                           }),
                    value.form);
}

Built build_arithmetic(Site& site) {
    if (site.input_count() == 1 && (site.op() == "Max" || site.op() == "Min")) return {nullptr, site.value(0).form};
    if (site.input_count() != 2) site.unsupported("{} inputs are not supported; supported: 2", site.input_count());
    if (site.is_known(0) && !site.is_known(1)) return with_constant(site, 1);
    if (site.is_known(1)) return with_constant(site, 0);
    const Value &a = site.any_value(0), &b = site.any_value(1);
    const Curves curves =
        combined(a.is_pending ? a.curves : with_own(a.curves, a.id), b.is_pending ? b.curves : with_own(b.curves, b.id),
                 [&](double x, double y) { return computed(site.op(), x, y); });
    if (site.op() == "Add" && !a.is_pending && !b.is_pending) {
        if (site.shape(0) != site.shape(1) || a.form.axes != b.form.axes) {
            site.unsupported("values of different shapes, {} and {}, cannot be added", to_string(site.shape(0)),
                             to_string(site.shape(1)));
        }
        if (a.form != b.form) {
            site.unsupported(
                "a flattened image cannot be added to features in another order; a Transpose to (N, H, W, C) before "
                "the Flatten would give both the same");
        }
        Built built{std::make_unique<Add>(), a.form};
        built.curves = curves;
        return built;
    }
    if (curves.empty()) {
        site.unsupported(
            "two values of the network are supported where they make up a known activation ({}), and in "
            "a sum",
            known_curves());
    }
    return resolved(site, curves, a.form);
}

/// A choice between two formulas by a comparison, as of a Softplus that is x where x is large.
Built build_where(Site& site) {
    const Value& condition = site.any_value(0);
    if (!condition.is_pending) site.unsupported("its condition has to be a comparison of the network's values");
    const auto chosen = [&](std::size_t input, bool when) {
        if (site.is_known(input)) {
            const double number = site.scalar(input, 0);
            return mapped(condition.curves, [&](double holds) { return (holds > 0) == when ? number : 0.0; });
        }
        const Value& value = site.any_value(input);
        return combined(condition.curves, value.is_pending ? value.curves : with_own(value.curves, value.id),
                        [&](double holds, double x) { return (holds > 0) == when ? x : 0.0; });
    };
    const Curves curves = combined(chosen(1, true), chosen(2, false), [](double a, double b) { return a + b; });
    if (curves.empty())
        site.unsupported("a choice is supported where it makes up a known activation ({})", known_curves());
    return resolved(site, curves, condition.form);
}

Built build_concat(Site& site) {
    const Form form = site.any_value(0).form;
    const auto rank = static_cast<std::int64_t>(rank_of(form));
    const std::int64_t named = site.integer("axis", 1), axis = named < 0 ? named + rank : named;
    if (axis != (form.axes == Axes::nhwc ? 3 : 1))
        site.unsupported("axis = {} is not supported; supported: the channels", named);
    for (std::size_t i = 0; i < site.input_count(); ++i) {
        const Value& value = site.value(i);
        if (value.form.axes != form.axes || value.form.is_reordered()) {
            site.unsupported(
                "a flattened image beside other features is not supported; supported: channels of images, "
                "or of vectors, side by side");
        }
    }
    if (site.input_count() == 1) return {nullptr, form};
    return {std::make_unique<Concat>(), form};
}

}  // namespace pellucid::onnx
