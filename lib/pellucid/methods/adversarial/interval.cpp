#include "pellucid/methods/adversarial/interval.hpp"

#include "pellucid/error.hpp"
#include "pellucid/nn/layers.hpp"
#include "pellucid/ops.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace pellucid::methods {

namespace {

constexpr double half_step = 0x1.0p-24;
constexpr float greatest_bound = 1e30F;

/// How far a sum of that many products may be off, as a share of the sum of their sizes.
double rounding_of(std::size_t products) { return 1.01 * static_cast<double>(products + 2) * half_step; }

float down(double v) { return std::nextafter(static_cast<float>(std::clamp(v, -1e30, 1e30)), -2 * greatest_bound); }
float up(double v) { return std::nextafter(static_cast<float>(std::clamp(v, -1e30, 1e30)), 2 * greatest_bound); }

std::size_t inputs_of_each(const WeightedLayer& layer) {
    const Shape shape = layer.weight().shape();
    return shape[0] * shape[1] * shape[2];
}

/// |W|, with no bias.
PreparedWeights sizes_of(const WeightedLayer& layer) {
    Tensor weight = layer.weight();
    ops::absolute(elements(weight));
    return layer.prepare(weight, nullptr);
}

/// See the head of interval.hpp. With γ for the rounding, the radius that goes through |W| is r + γ(2|c| + 2r): γ(|c| +
/// r) for the rounding anywhere in the box, γ|c| for that at its centre, γr for that of the radius itself.
void bound_linear(const WeightedLayer& layer, const PreparedWeights& sizes, const Interval& in, Interval& out) {
    const double gamma = rounding_of(inputs_of_each(layer));
    Tensor centre(in.low.shape()), radius(in.low.shape());
    for (std::size_t i = 0; i < centre.size(); ++i) {
        const double low = in.low.data()[i], high = in.high.data()[i];
        const auto c = static_cast<float>((low + high) / 2);
        const double r = std::max(high - static_cast<double>(c), static_cast<double>(c) - low);
        centre.data()[i] = c;
        radius.data()[i] = up(r + 2 * gamma * (std::abs(static_cast<double>(c)) + r));
    }
    layer.apply(centre, layer.prepared(), out.low);
    layer.apply(radius, sizes, out.high);
    const std::size_t channels = out.low.shape()[3];
    for (std::size_t i = 0; i < out.low.size(); ++i) {
        const double bias = std::abs(static_cast<double>(layer.bias().data()[i % channels]));
        const double r = static_cast<double>(out.high.data()[i]) * (1 + 2 * gamma) + 2 * gamma * bias;
        const double c = out.low.data()[i];
        out.low.data()[i] = down(c - r);
        out.high.data()[i] = up(c + r);
    }
}

/// Where a function that falls and then rises has its least value: Swish, GELU, Mish, HardSwish.
double lowest_point(const Activation& f) {
    double low = -10, high = 0;
    for (int i = 0; i < 200; ++i) {
        const double third = (high - low) / 3;
        if (f.at(low + third) <= f.at(high - third)) {
            high -= third;
        } else {
            low += third;
        }
    }
    return (low + high) / 2;
}

bool is_monotone(const Activation& f) {
    using enum Activation::Function;
    switch (f.function()) {
        case hard_swish:
        case swish:
        case gelu:
        case gelu_tanh:
        case mish: return false;
        case leaky_relu:
        case hard_sigmoid: return f.a() >= 0;
        case elu:
        case celu: return f.a() >= 0;
        case selu: return f.a() >= 0 && f.b() >= 0;
        default: return true;
    }
}

void bound_activation(const Activation& f, const Interval& in, Interval& out) {
    using enum Activation::Function;
    const bool exact = f.function() == relu || f.function() == clip;
    const bool monotone = is_monotone(f);
    const bool dips = !monotone && f.function() != leaky_relu && f.function() != hard_sigmoid && f.function() != elu &&
                      f.function() != celu && f.function() != selu;
    if (!monotone && !dips) {
        fail(ErrorCode::unsupported, "certificate: an activation '{}' that falls (its slope is {}) has no bounds here",
             f.op(), f.a());
    }
    const double turn = dips ? lowest_point(f) : 0;
    for (std::size_t i = 0; i < in.low.size(); ++i) {
        const double low = in.low.data()[i], high = in.high.data()[i];
        const double at_low = f.at(low), at_high = f.at(high);
        const double least = !dips || low > turn ? at_low : high < turn ? at_high : f.at(turn);
        const double most = std::max(at_low, at_high);
        // Functions of single precision are right to a few units of the last place.
        const double slack = exact ? 0 : 1e-6 * (std::max(std::abs(least), std::abs(most)) + 1e-3);
        out.low.data()[i] = exact ? static_cast<float>(least) : down(least - slack);
        out.high.data()[i] = exact ? static_cast<float>(most) : up(most + slack);
    }
}

void bound_channel_map(const ChannelMap& map, const Interval& in, Interval& out) {
    const std::size_t channels = in.low.shape()[3];
    for (std::size_t i = 0; i < in.low.size(); ++i) {
        const double factor = map.factor()[i % channels], offset = map.offset()[i % channels];
        const double a = factor * static_cast<double>(in.low.data()[i]),
                     b = factor * static_cast<double>(in.high.data()[i]);
        const double slack = 4 * half_step * (std::max(std::abs(a), std::abs(b)) + std::abs(offset));
        out.low.data()[i] = down(std::min(a, b) + offset - slack);
        out.high.data()[i] = up(std::max(a, b) + offset + slack);
    }
}

/// Layers whose outputs rise with every input: each end goes through the layer. Means are widened by the rounding of
/// `terms` of the size of the inputs' largest.
void bound_rising(const Layer& layer, std::span<const Interval* const> ins, std::size_t terms, Interval& out) {
    LayerInputs low{}, high{}, size{};
    std::array<Tensor, 2> sizes;
    for (std::size_t k = 0; k < ins.size(); ++k) {
        low[k] = &ins[k]->low;
        high[k] = &ins[k]->high;
    }
    Record record;
    layer.forward({low.data(), ins.size()}, out.low, record);
    layer.forward({high.data(), ins.size()}, out.high, record);
    if (terms == 0) return;
    for (std::size_t k = 0; k < ins.size(); ++k) {
        sizes[k] = Tensor(ins[k]->low.shape());
        for (std::size_t i = 0; i < sizes[k].size(); ++i)
            sizes[k].data()[i] = std::max(std::abs(low[k]->data()[i]), std::abs(high[k]->data()[i]));
        size[k] = &sizes[k];
    }
    Tensor largest(out.low.shape());
    layer.forward({size.data(), ins.size()}, largest, record);
    for (std::size_t i = 0; i < largest.size(); ++i) {
        const double slack = 2 * rounding_of(terms) * static_cast<double>(largest.data()[i]);
        out.low.data()[i] = down(static_cast<double>(out.low.data()[i]) - slack);
        out.high.data()[i] = up(static_cast<double>(out.high.data()[i]) + slack);
    }
}

std::size_t terms_of(const Layer& layer, const Shape& in) {
    if (const auto* pool = dynamic_cast<const AveragePool2d*>(&layer)) return pool->window().h * pool->window().w;
    if (dynamic_cast<const GlobalAveragePool*>(&layer) != nullptr) return in[1] * in[2];
    if (dynamic_cast<const Resize*>(&layer) != nullptr) return 8;
    return layer.kind() == Kind::add ? 2 : 0;
}

}  // namespace

IntervalPass::IntervalPass(const Network& network)
    : network_(network), below_(values_below(network, network.logits())), values_(network.nodes().size() + 1) {
    for (std::size_t node = 0; node < network.nodes().size(); ++node) {
        if (below_[node + 1] == 0) continue;
        const Layer& layer = *network.nodes()[node].layer;
        if (layer.kind() == Kind::softmax) {
            fail(ErrorCode::unsupported,
                 "certificate: '{}' is a {} before the network's end, for which there are no bounds here",
                 network.nodes()[node].name, layer.op());
        }
        if (const auto* linear = dynamic_cast<const WeightedLayer*>(&layer)) sizes_.emplace(node, sizes_of(*linear));
    }
}

void IntervalPass::pass(std::size_t node) {
    const Node& it = network_.nodes()[node];
    const Layer& layer = *it.layer;
    Interval& out = values_[node + 1];
    const std::size_t batch = values_[0].low.shape()[0];
    reshape_to(out.low, with_batch(network_.shape(node + 1), batch));
    reshape_to(out.high, with_batch(network_.shape(node + 1), batch));
    std::array<const Interval*, 2> ins{};
    for (std::size_t k = 0; k < it.inputs.size(); ++k) ins[k] = &values_[it.inputs[k]];
    if (const auto* linear = dynamic_cast<const WeightedLayer*>(&layer)) {
        bound_linear(*linear, sizes_.at(node), *ins[0], out);
    } else if (const auto* activation = dynamic_cast<const Activation*>(&layer)) {
        bound_activation(*activation, *ins[0], out);
    } else if (const auto* map = dynamic_cast<const ChannelMap*>(&layer)) {
        bound_channel_map(*map, *ins[0], out);
    } else {
        bound_rising(layer, {ins.data(), it.inputs.size()}, terms_of(layer, network_.shape(it.inputs[0])), out);
    }
}

const Interval& IntervalPass::operator()(Interval box) {
    values_[0] = std::move(box);
    for (std::size_t node = 0; node < network_.nodes().size(); ++node) {
        if (below_[node + 1] != 0) pass(node);
    }
    return values_[network_.logits()];
}

double IntervalPass::least_lead(std::size_t n, std::size_t a, std::size_t b) const {
    const ValueId logits = network_.logits();
    const auto* dense = logits == 0 ? nullptr : dynamic_cast<const Dense*>(network_.nodes()[logits - 1].layer.get());
    if (dense == nullptr) {
        return static_cast<double>(sample(values_[logits].low, n)[a]) -
               static_cast<double>(sample(values_[logits].high, n)[b]);
    }
    const Interval& in = values_[network_.nodes()[logits - 1].inputs[0]];
    const auto low = sample(in.low, n), high = sample(in.high, n);
    const Tensor& weight = dense->weight();
    double lead = static_cast<double>(dense->bias().data()[a]) - static_cast<double>(dense->bias().data()[b]);
    double size =
        std::abs(static_cast<double>(dense->bias().data()[a])) + std::abs(static_cast<double>(dense->bias().data()[b]));
    for (std::size_t i = 0; i < low.size(); ++i) {
        const double wa = weight(0, 0, i, a), wb = weight(0, 0, i, b);
        lead += (wa - wb) * static_cast<double>(wa > wb ? low[i] : high[i]);
        size += (std::abs(wa) + std::abs(wb)) *
                std::max(std::abs(static_cast<double>(low[i])), std::abs(static_cast<double>(high[i])));
    }
    return lead - rounding_of(low.size()) * size;
}

}  // namespace pellucid::methods
