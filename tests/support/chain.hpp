/// A network without branches as matrices and functions in double: what oracles of whole methods are written over.
#pragma once

#include "pellucid/error.hpp"
#include "pellucid/nn/layers.hpp"
#include "pellucid/nn/network.hpp"

#include <cmath>
#include <stdexcept>
#include <functional>
#include <vector>

namespace pellucid::test {

using Vector = std::vector<double>;

/// Either linear (weight, bias) or a function with its derivative.
struct Link {
    std::vector<Vector> weight;  ///< [output][input]; empty for a function
    Vector bias;
    std::function<double(double)> f, slope;

    bool linear() const { return !f; }
};

/// The layer as a matrix, column by column from unit vectors: one product each, so exact.
inline Link link_of(const WeightedLayer& layer, const Shape& in, const Shape& out) {
    Link link;
    link.weight.assign(sample_size(out), Vector(sample_size(in)));
    const PreparedWeights prepared = layer.prepare(layer.weight(), nullptr);
    Tensor x = zeros(in), z(out);
    for (std::size_t i = 0; i < x.size(); ++i) {
        x.data()[i] = 1.0F;
        layer.apply(x, prepared, z);
        x.data()[i] = 0.0F;
        for (std::size_t k = 0; k < z.size(); ++k) link.weight[k][i] = z.data()[k];
    }
    for (std::size_t k = 0; k < sample_size(out); ++k) link.bias.push_back(layer.bias().data()[k % out[3]]);
    return link;
}

inline Link link_of(const Activation& layer) {
    const double slope = layer.slope();
    switch (layer.function()) {
        case Activation::Function::relu:
            return {{}, {}, [](double x) { return x > 0 ? x : 0.0; }, [](double x) { return x > 0 ? 1.0 : 0.0; }};
        case Activation::Function::leaky_relu:
            return {{},
                    {},
                    [slope](double x) { return x > 0 ? x : slope * x; },
                    [slope](double x) { return x > 0 ? 1.0 : slope; }};
        case Activation::Function::sigmoid:
            return {{},
                    {},
                    [](double x) { return 1 / (1 + std::exp(-x)); },
                    [](double x) { return 1 / (2 + std::exp(x) + std::exp(-x)); }};
        default: break;
    }
    if (layer.function() != Activation::Function::tanh)
        throw std::logic_error("the chain does not know this activation");
    return {{}, {}, [](double x) { return std::tanh(x); }, [](double x) { return 1 - std::tanh(x) * std::tanh(x); }};
}

/// Links of Conv, ConvTranspose, Gemm and activations; Flatten and Dropout change nothing and are left out.
inline std::vector<Link> chain_of(const Network& network) {
    std::vector<Link> chain;
    for (std::size_t i = 0; i < network.nodes().size(); ++i) {
        const Layer& layer = *network.nodes()[i].layer;
        if (layer.kind() == Kind::pass_through) continue;
        if (const auto* weighted = dynamic_cast<const WeightedLayer*>(&layer)) {
            chain.push_back(link_of(*weighted, network.shape(network.nodes()[i].inputs[0]), network.shape(i + 1)));
        } else if (const auto* activation = dynamic_cast<const Activation*>(&layer)) {
            chain.push_back(link_of(*activation));
        } else {
            fail(ErrorCode::unsupported, "no link for {}", layer.op());
        }
    }
    return chain;
}

/// Values before and behind every link: result[0] is x.
inline std::vector<Vector> run_chain(const std::vector<Link>& chain, const Vector& x) {
    std::vector<Vector> values{x};
    for (const Link& link : chain) {
        const Vector& in = values.back();
        Vector out = link.bias;
        if (link.linear()) {
            for (std::size_t k = 0; k < out.size(); ++k) {
                for (std::size_t i = 0; i < in.size(); ++i) out[k] += link.weight[k][i] * in[i];
            }
        } else {
            for (const double v : in) out.push_back(link.f(v));
        }
        values.push_back(std::move(out));
    }
    return values;
}

inline Vector as_vector(std::span<const float> numbers) { return {numbers.begin(), numbers.end()}; }

}  // namespace pellucid::test
